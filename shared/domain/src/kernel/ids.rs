//! Ids of what the modules share.

use holdfast_sync::typed_id;

typed_id!(/** A site: a shop, a warehouse or a venue. */ SiteId);
typed_id!(/** A till of a site. */ TillId);
typed_id!(/** A person: someone who can be planned. */ PersonId);
typed_id!(/** A product. */ ProductId);
typed_id!(/** A category of products. */ CategoryId);
typed_id!(/** A tax rate. */ TaxRateId);
typed_id!(/** A change of a tax rate. */ TaxChangeId);
typed_id!(/** A product's price. */ PriceId);
typed_id!(/** A block of receipt numbers, reserved for one device and chain. */ BlockId);
typed_id!(/** A group of customers, for which prices are kept. */ CustomerGroupId);
typed_id!(/** A list of prices. */ PriceListId);
typed_id!(/** A line of a price list. */ PriceListLineId);

//! Price lists: what cannot be in them, and which price holds for whom, how much and when. Which line it is, the [domain](holdfast_domain::catalog::chosen) says.

mod ask;
mod effects;
mod history;
mod queries;
mod rows;

use crate::http::Routes;
use crate::openapi::About;

pub use effects::{PriceListLines, PriceLists};
pub(crate) use history::ListedThen;

/// `/api/v1/catalog/prices`
pub fn routes() -> Routes {
    Routes::new().get("/api/v1/catalog/prices", ask::ask).told(
        About::new("catalog.prices.read", "What one unit of a product costs, and why")
            .detail(
                "The price that holds for the customer, the quantity and the day, and every line of a price list that prices the product, each with why it does or does not hold. A list for the \
                 customer's group goes before one for everybody, of these the one that began last, of these the one whose name comes first; of one list the line that begins at the largest \
                 quantity; where no line counts, the product's own price holds. It takes the permissions to read products, price lists and their lines, and customers where one is named.",
            )
            .refuses(&[(400, "quantity_out_of_range"), (403, "field_forbidden"), (403, "record_out_of_reach"), (404, "record_unknown"), (404, "site_unknown")]),
    )
}

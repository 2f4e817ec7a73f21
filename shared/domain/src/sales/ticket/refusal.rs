//! Why something cannot be done to a ticket now.

crate::refusals! {
    /// Each names what blocks; the message says what to do next.
    pub enum TicketRefusal {
        /// There is no such ticket.
        NotOpened => "ticket_not_opened",
        /// The document is a ticket already.
        AlreadyOpened => "ticket_already_opened",
        /// It was paid.
        Completed => "ticket_completed",
        /// It was put away unsold.
        Abandoned => "ticket_abandoned",
        /// Nothing on it to pay.
        Empty => "ticket_empty",
        /// It holds as many lines or corrections as a ticket can: pay it and open another.
        Full => "ticket_full",
        /// No line of that id.
        LineUnknown => "line_unknown",
        /// The line was taken off.
        LineRemoved => "line_removed",
        /// A line sells more than nothing, and a change changes something.
        QuantityNotPositive => "quantity_not_positive",
        /// The change would leave nothing: remove the line.
        QuantityBelowZero => "quantity_below_zero",
        /// More than can be sold at once.
        QuantityTooLarge => "quantity_too_large",
        /// A price is not negative.
        PriceNegative => "price_negative",
        /// A line has 1 to 20 breaks, the smallest quantity first.
        BreaksInvalid => "breaks_invalid",
        /// The amount is beyond what a ticket can hold.
        AmountTooLarge => "amount_too_large",
        /// Another currency than the ticket's.
        CurrencyDiffers => "currency_differs",
        /// A name has 1 to 200 characters.
        NameInvalid => "name_invalid",
        /// A barcode has 1 to 80 characters.
        BarcodeInvalid => "barcode_invalid",
        /// Less than the total was handed over.
        TenderedTooLittle => "tendered_too_little",
        /// Only the server rules.
        NotTheServer => "not_the_server",
    }
}

"""The statement desk: what a provider's bank says, read, matched with orders, shown, and only then booked."""

"""The conversation about an order, the clock that runs until the certificate, and complaints."""

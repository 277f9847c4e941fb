"""Errors in PayPal's shape: name, message, debug_id, details with an issue.

Names, issues and descriptions are those of PayPal's OpenAPI files (orders v2, payments v2), which spell
each description out.
"""

import secrets

from flask import Response, jsonify

_NAMES = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    401: (
        "AUTHENTICATION_FAILURE",
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    403: ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error occurred."),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable."),
}

_TWO_DECIMALS = "If the currency supports decimals, only two decimal place precision is supported."
_DESCRIPTIONS = {
    "CANNOT_BE_ZERO_OR_NEGATIVE": f"Must be greater than zero. {_TWO_DECIMALS}",
    "CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded",
    "DECIMAL_PRECISION": _TWO_DECIMALS,
    "DUPLICATE_INVOICE_ID": "Duplicate Invoice ID detected. To avoid a potential duplicate transaction your account "
    "setting requires that Invoice Id be unique for each transaction.",
    "DUPLICATE_INVOICE_ID of a refund": "Invoice ID was previously used to refund a capture.",
    "INSTRUMENT_DECLINED": "The instrument presented  was either declined by the processor or bank, or it can't be "
    "used for this payment.",
    "INVALID_ARRAY_MAX_ITEMS": "The number of items in an array parameter is too large.",
    "INVALID_ARRAY_MIN_ITEMS": "The number of items in an array parameter is too small.",
    "INVALID_CURRENCY_CODE": "Currency code is invalid or is not currently supported. Please refer "
    "https://developer.paypal.com/api/rest/reference/currency-codes/ for list of supported currency codes.",
    "INVALID_PARAMETER_SYNTAX": "The value of a field does not conform to the expected format.",
    "INVALID_PARAMETER_VALUE": "A parameter value is not valid.",
    "INVALID_RESOURCE_ID": "Specified resource ID does not exist. Please check the resource ID and try again.",
    "INVALID_STRING_LENGTH": "The value of a field is either too short or too long",
    "MALFORMED_REQUEST_JSON": "The request JSON is not well formed.",
    "MISSING_REQUIRED_PARAMETER": "A required parameter is missing.",
    "NOT_SUPPORTED": "This field is not currently supported.",
    "ORDER_ALREADY_CAPTURED": "Order already captured.If 'intent=CAPTURE' only one capture per order is allowed.",
    "ORDER_NOT_APPROVED": "Payer has not yet approved the Order for payment. Please redirect the payer to the "
    "'rel':'approve' url returned as part of the HATEOAS links within the Create Order call or provide a valid "
    "`payment_source` in the request.",
    "PAYEE_ACCOUNT_INVALID": "Payee account specified is invalid. Please check the `payee.email_address` or "
    "`payee.merchant_id` specified and try again. Ensure that either  `payee.merchant_id` or `payee.email_address` "
    "is specified.",
    # Not in the published files; as quoted by merchants who met it.
    "PAYEE_NOT_CONSENTED": "Payee does not have appropriate consent to allow the API caller to process this type of "
    "transaction on their behalf.",
    "PAYPAL_REQUEST_ID_REQUIRED": "A PayPal-Request-Id is required if you are trying to process payment for an Order. "
    "Please specify a PayPal-Request-Id or Create the Order without a 'payment_source' specified.",
    "PENDING_CAPTURE": "Cannot initiate a refund as the capture is pending. Capture is typically pending when the "
    "payer has funded the transaction using e-check/bank funded.",
    "PERMISSION_DENIED": "You do not have permission to access or perform operations on this resource.",
    "PLATFORM_FEES_NOT_SUPPORTED": "The API Caller is not enabled to process transactions by specifying "
    "'platform_fees'. Please work with your PayPal Account Manager to enable this option for your account.",
    "REFUND_AMOUNT_EXCEEDED": "The refund amount must be less than or equal to the capture amount that has not yet "
    "been refunded.",
    "REFUND_CAPTURE_CURRENCY_MISMATCH": "Refund must be in the same currency as the capture",
    "REFUND_FAILED_INSUFFICIENT_FUNDS": "Capture could not be refunded due to insufficient funds. Please check to see "
    "if you have sufficient funds in your PayPal account or if the bank account linked to your PayPal account is "
    "verified and has sufficient funds.",
    "REFUND_IS_RESTRICTED": "This refund can only be processed by the API caller that had 'captured' the transaction. "
    "If you facilitate your transactions via a platform/partner, please initiate a refund through them.",
    "REFUND_NOT_ALLOWED": "Capture cannot be refunded.",
    "REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK": "Refunds are not allowed on this capture due to a chargeback on the card "
    "or bank. Please contact the payee to resolve the chargeback.",
    "REFUND_TIME_LIMIT_EXCEEDED": "You are over the time limit to perform a refund on this capture",
    "TRANSACTION_DISPUTED": "Partial refunds cannot be offered at this time because there is an open case on this "
    "transaction. Visit the PayPal Resolution Center to review this case.",
    "WEBHOOK_NUMBER_LIMIT_EXCEEDED": "The maximum number of webhooks is reached.",
}


class Problem(Exception):
    """Raised in a handler, it undoes the handler's transaction and becomes the answer."""

    # One issue has another description for refunds; what is answered ends at the first blank.
    def __init__(self, status: int, issue: str | None = None, field: str | None = None) -> None:
        super().__init__(f"{status} {issue or ''}")
        self.status = status
        self.issue = issue
        self.field = field


def answer(problem: Problem) -> Response:
    """The JSON answer to a problem."""
    name, message = _NAMES[problem.status]
    body: dict[str, object] = {"name": name, "message": message, "debug_id": secrets.token_hex(7)[:13]}
    if problem.issue:
        detail = {"issue": problem.issue.partition(" ")[0], "description": _DESCRIPTIONS[problem.issue]}
        if problem.field:
            detail |= {"field": problem.field, "location": "body"}
        body["details"] = [detail]
    if problem.status not in (429, 503):
        body["links"] = [
            {
                "href": f"https://developer.paypal.com/docs/api/orders/v2/#error-{problem.issue or name}",
                "rel": "information_link",
                "method": "GET",
            }
        ]
    response = jsonify(body)
    response.status_code = problem.status
    if problem.status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response

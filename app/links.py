"""Addresses of pages for mails, certificates and gateways, which no request is at hand for."""


def order_url(public_url: str, language: str, token: str) -> str:
    """The page of an order."""
    return f"{public_url}/{language}/orders/{token}"


def order_messages_url(public_url: str, language: str, token: str) -> str:
    """Where its buyer and the seller write to each other."""
    return f"{public_url}/{language}/orders/{token}/messages"


def certificate_url(public_url: str, language: str, code: str) -> str:
    """The public page of a certificate."""
    return f"{public_url}/{language}/certificates/{code}"


def certificate_file_url(public_url: str, code: str, ending: str) -> str:
    """A certificate's own file, the same in every language; `ending` is pdf or json."""
    return f"{public_url}/certificates/{code}.{ending}"


def console_url(public_url: str, language: str, page: str) -> str:
    """A page of the console, such as `claims`."""
    return f"{public_url}/{language}/console/{page}"


def refund_task_url(public_url: str, language: str, refund_id: str) -> str:
    """Where a provider looks after money that they have to send back."""
    return f"{public_url}/{language}/console/refunds/{refund_id}"


def console_order_url(public_url: str, language: str, number: str) -> str:
    """The page of an order for its provider."""
    return f"{public_url}/{language}/console/orders/{number}"


def trial_url(public_url: str, language: str, number: str) -> str:
    """Where a provider follows a trial of one of its accounts."""
    return f"{public_url}/{language}/console/trials/{number}"


def notice_url(public_url: str, language: str, token: str) -> str:
    """Where somebody of a provider's team switches a kind of notices off."""
    return f"{public_url}/{language}/notices/{token}"


def projects_url(public_url: str, language: str) -> str:
    """The catalogue."""
    return f"{public_url}/{language}/projects"


def payee_account_url(public_url: str, language: str, account_id: str) -> str:
    """A provider's page of one of the accounts that it is paid to."""
    return f"{public_url}/{language}/console/payee-accounts/{account_id}"


def notification_url(public_url: str, gateway: str, receiver: str) -> str:
    """Where a gateway sends notifications: about one payee account, or about all that are connected."""
    return f"{public_url}/webhooks/{gateway}/{receiver}"


def invitation_url(public_url: str, language: str, token: str) -> str:
    """Where an invitation is accepted."""
    return f"{public_url}/{language}/account/invitations/{token}"


def identity_account_url(realm_url: str) -> str:
    """Where the identity provider lets people change and delete their sign-in itself."""
    return f"{realm_url}/account"

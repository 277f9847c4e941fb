"""Order numbers that survive being read over the telephone, and tokens nobody can guess."""

import secrets

# Without 0/O, 1/I/L, 2/Z, 4/A, 5/S, 6/G, 8/B, U/V twins.
ALPHABET = "37 9CDEFHJKMNPQRTVWXY".replace(" ", "")


def new_order_number() -> str:
    """VC-7K3M-H9QD: about 25 thousand million of them; the table refuses a repeat."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"VC-{code[:4]}-{code[4:]}"


def new_token() -> str:
    """192 random bits for an address."""
    return secrets.token_urlsafe(24)


def new_code() -> str:
    """A certificate's code: five groups of four, some 85 random bits, for reading and typing."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(5))

"""The words for bank accounts and transfers: pages, mails and the pro-forma invoice all say the same."""

from typing import Any

from flask_babel import gettext as _
from schwifty import IBAN

from app.domain.payments.bank.details import BankDetails
from app.money import Money

Row = dict[str, Any]


def account_rows(details: BankDetails) -> list[Row]:
    """The account as a buyer's bank asks for it: label, the value to copy, and how it is read."""
    rows = [_row(_("Payee"), details.holder)]
    if details.iban:
        rows.append(_row("IBAN", details.iban, IBAN(details.iban).formatted))
    rows += [_row(local_field(name), value) for name, value in details.local.items()]
    rows += [
        _row(_("BIC (SWIFT code)"), details.bic),
        _row(_("Bank"), details.bank_name),
        _row(_("Address of the bank"), details.bank_address),
        _row(_("Intermediary bank (BIC)"), details.intermediary),
        _row(_("Address of the payee"), _address(details)),
    ]
    return [row for row in rows if row["value"]]


def local_field(name: str) -> str:
    """A field of an account without IBAN, as its country's banks call it."""
    return {
        "account": _("Account number"),
        "bank_code": _("Bank code"),
        "branch_code": _("Branch code"),
        "bsb": _("BSB number"),
        "cci": _("Interbank account code (CCI)"),
        "clabe": "CLABE",
        "cnaps": _("CNAPS code"),
        "ifsc": _("IFSC"),
        "institution": _("Institution number"),
        "routing": _("Routing number (ABA)"),
        "sort_code": _("Sort code"),
        "transit": _("Transit number"),
    }.get(name, name)


def charges_advice(code: str) -> str:
    """Who bears what the banks charge, as advice to the buyer."""
    return {
        "SHA": _("Choose “charges shared (SHA)”: each side pays its own bank."),
        "OUR": _("Choose “charges paid by the sender (OUR)”, so that the whole amount arrives."),
        "BEN": _("Choose “charges paid by the recipient (BEN)”: the seller bears them."),
    }[code]


def code_name(kind: str) -> str:
    """What a QR code is called where it is used."""
    return {
        "epc": _("QR code for SEPA transfers (EPC, “GiroCode”)"),
        "swiss": _("Swiss QR-bill"),
        "spayd": _("QR code of Czech and Slovak banks (SPAYD)"),
        "pix": _("Pix QR code"),
        "upi": _("UPI QR code"),
    }[kind]


def plain_amount(amount: Money) -> str:
    """An amount as a banking form takes it: 25.00."""
    return f"{amount.amount:f}"


def detail_problem(code: str) -> str:
    """What is wrong with a bank account as entered, and what to do."""
    known = {
        "country_missing": _("Choose the country in which the account is kept."),
        "currency_missing": _("Enter the account’s currency as three letters, such as EUR."),
        "holder_missing": _("Enter the account holder’s name exactly as the bank has it: banks compare."),
        "holder_too_long": _(
            "Shorten the holder’s name to 70 characters, as the bank prints it on statements."
        ),
        "bank_name_missing": _("Enter the name of the bank."),
        "bank_address_missing": _(
            "Enter the bank’s address: transfers from abroad need it where there is no IBAN."
        ),
        "bic_missing": _(
            "Enter the bank’s BIC (SWIFT code): transfers from abroad do not arrive without it."
        ),
        "bic_wrong": _("A BIC has 8 or 11 letters and digits. Copy it from a bank statement."),
        "iban_missing": _("Enter the IBAN: accounts in this country have one."),
        "iban_wrong": _(
            "This IBAN cannot be right: its check digits or its length do not fit. Copy it once more."
        ),
        "iban_of_another_country": _("The IBAN belongs to another country. Correct the country or the IBAN."),
        "field_missing": _("Enter this number: banks in this country ask for it."),
        "field_wrong": _(
            "This has not the form that banks in this country use. Copy it from a bank statement."
        ),
        "check_digit_wrong": _("The check digit does not fit. Copy the number once more."),
        "charges_unknown": _("Choose who bears the banks’ charges."),
        "address_incomplete": _("Enter at least postcode, town and country of the holder’s address."),
        "pix_key_wrong": _(
            "This is no Pix key: a telephone number, e-mail address, tax number or random key."
        ),
        "upi_address_wrong": _("A UPI address looks like name@bank."),
    }
    return known.get(code) or _("Check what you entered.")


def _row(label: str, value: str, shown: str = "") -> Row:
    return {"label": label, "value": value, "shown": shown or value}


def _address(details: BankDetails) -> str:
    address = details.holder_address
    if address is None:
        return ""
    street = " ".join(part for part in (address.street, address.house) if part)
    return ", ".join(part for part in (street, f"{address.postcode} {address.town}", address.country) if part)

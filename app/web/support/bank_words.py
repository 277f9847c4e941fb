"""The words for bank accounts and transfers: pages, mails and the pro-forma invoice all say the same."""

from typing import Any

from flask_babel import gettext as _
from schwifty import IBAN

from app.domain.payments.bank.details import BankDetails
from app.domain.payments.statements.lines import StatementRefused
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


def verdict(code: str) -> str:
    """What a line of a statement is, in a few words."""
    return {
        "exact": _("Pays the order"),
        "rest": _("Pays the rest"),
        "tolerated": _("Pays the order, charges let pass"),
        "short": _("A part"),
        "over": _("Too much"),
        "extra": _("Paid already"),
        "joint": _("Several orders"),
        "late": _("Late"),
        "refund": _("Sent back"),
        "proof": _("Confirmed before"),
        "joint_unclear": _("Several orders, unclear"),
        "other_currency": _("Another currency"),
        "by_number": _("Amount does not fit"),
        "maybe_twice": _("Maybe told twice"),
        "returned": _("A refund came back"),
        "looks_like": _("Looks like an order"),
        "already": _("Known"),
        "not_booked": _("Not booked yet"),
        "nothing": _("Amount of zero"),
        "other_account": _("Another account"),
        "outgoing": _("Money that went out"),
        "unknown": _("Concerns no order"),
    }[code]


def verdict_reason(code: str) -> str:
    """Why, and what follows, as a sentence."""
    return {
        "exact": _("It names the order’s reference and has the exact amount: the order is paid."),
        "rest": _("It names the reference and is exactly what was missing: the order is paid."),
        "tolerated": _(
            "It names the reference and falls short by no more than you let pass: the order is paid."
        ),
        "short": _("It names the reference, and less has come than is due: the buyer is asked for the rest."),
        "over": _(
            "It names the reference, and more has come than is due: the order is paid; please send the rest back."
        ),
        "extra": _("It names the reference of an order that is paid already: please send it back."),
        "joint": _(
            "It names several orders, and the amount is exactly the sum of what is due: all are paid."
        ),
        "late": _(
            "The order had been given up. If its units are still there it is paid at its price, else you send the money back."
        ),
        "refund": _("Money that went back to the buyer of the order it names."),
        "proof": _("Somebody confirmed this transfer by hand before; it is not counted again."),
        "joint_unclear": _(
            "It names several orders, and the amount is not the sum of what is due. Say what it is for."
        ),
        "other_currency": _(
            "It names an order in another currency. Nothing is converted; say what it is for."
        ),
        "by_number": _(
            "It names an order number without its check digits, and the amount does not fit. Say what it is for."
        ),
        "maybe_twice": _(
            "Another kind of statement told of the same day, amount and order. Say whether it is a second payment."
        ),
        "returned": _("Money that you had sent back has come back. Ask the buyer for another account."),
        "looks_like": _(
            "The reference has a typing error, or is missing and only the amount fits. Say whether it is for this order."
        ),
        "already": _("This line was in a statement before. Nothing happens."),
        "not_booked": _("The bank has only announced it. It counts once it is booked."),
        "nothing": _("Nothing happens."),
        "other_account": _("The statement’s line is of an account that is not this one."),
        "outgoing": _("It names no order."),
        "unknown": _("It names no order of yours. It is not kept."),
    }[code]


def statement_problem(refused: StatementRefused) -> str:
    """Why a file is not taken, and what to do."""
    known = {
        "too_large": _("The file is larger than 10 MB. Export a shorter period."),
        "too_many_lines": _("The file has more than 50,000 lines. Export a shorter period."),
        "empty": _("Choose a file, or paste the statement."),
        "no_lines": _("There is no line in this statement."),
        "not_xml": _("This begins like XML and is none. Export it once more."),
        "xml_trick": _("This XML contains definitions or nesting that no bank writes. It was not read."),
        "not_camt": _("This XML is no bank statement. We read camt.053 and camt.054."),
        "not_mt940": _("This begins like MT940 and cannot be read. Export it once more."),
        "not_csv": _("This is no statement that we can read: camt.053, camt.054, MT940 or CSV."),
        "not_read": _("The file could not be read just now. Bring it once more."),
        "not_text": _("This file is no text in an encoding that we know. Export it as UTF-8."),
    }
    if refused.code in known:
        return known[refused.code]
    if refused.code == "formula":
        return _(
            "Row %(row)s, column %(column)s holds a formula. No bank writes that; the file was not read.",
            row=refused.where["row"],
            column=refused.where["column"],
        )
    if refused.code == "row_unreadable":
        return _("Row %(row)s has a day or an amount that cannot be read.", row=refused.where["row"])
    return _(
        "Entry %(number)s cannot be read. Export the statement once more.", number=refused.where["number"]
    )


def _row(label: str, value: str, shown: str = "") -> Row:
    return {"label": label, "value": value, "shown": shown or value}


def _address(details: BankDetails) -> str:
    address = details.holder_address
    if address is None:
        return ""
    street = " ".join(part for part in (address.street, address.house) if part)
    return ", ".join(part for part in (street, f"{address.postcode} {address.town}", address.country) if part)

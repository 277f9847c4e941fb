"""Bank accounts of sample providers. The numbers are the examples of the banks' own documents: nobody's."""

from typing import Any

GERMAN = {
    "country": "DE",
    "currency": "EUR",
    "holder": "Sample Provider Ltd",
    "bank_name": "Sample Bank",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
}
KUWAITI = {
    "country": "KW",
    "currency": "KWD",
    "holder": "Sample Provider K.S.C.",
    "bank_name": "Sample Bank",
    "iban": "KW81 CBKU 0000 0000 0000 1234 5601 01",
    "bic": "CBKUKWKW",
}
JAPANESE = {
    "country": "JP",
    "currency": "JPY",
    "holder": "Sample Provider K.K.",
    "bank_name": "Sample Bank",
    "bank_address": "1-1 Sample, Tokyo, Japan",
    "bic": "BOTKJPJT",
    "local": {"account": "1234567", "bank_code": "0001", "branch_code": "001"},
}
SWISS = {
    "country": "CH",
    "currency": "CHF",
    "holder": "Sample Provider AG",
    "bank_name": "Sample Bank",
    "iban": "CH93 0076 2011 6238 5295 7",
    "bic": "POFICHBEXXX",
    "holder_address": {
        "street": "Sample Street",
        "house": "1",
        "postcode": "3000",
        "town": "Bern",
        "country": "CH",
    },
}
CZECH = {
    "country": "CZ",
    "currency": "CZK",
    "holder": "Sample Provider s.r.o.",
    "bank_name": "Sample Bank",
    "iban": "CZ65 0800 0000 1920 0014 5399",
    "bic": "GIBACZPX",
}
BRAZILIAN = {
    "country": "BR",
    "currency": "BRL",
    "holder": "Exemplo Energia e Cozinha Limpa São Tomé Ltda",
    "bank_name": "Sample Bank",
    "iban": "BR18 0036 0305 0000 1000 9795 493C 1",
    "bic": "CEFXBRSPXXX",
    "pix_key": "sales@sample.example",
}
INDIAN = {
    "country": "IN",
    "currency": "INR",
    "holder": "Sample Provider Private Limited",
    "bank_name": "Sample Bank",
    "bank_address": "Sample Road 1, Mumbai",
    "bic": "SBININBBXXX",
    "local": {"ifsc": "SBIN0000001", "account": "1234567890"},
    "upi_address": "sample@samplebank",
}
AMERICAN = {
    "country": "US",
    "currency": "USD",
    "holder": "Sample Provider Inc.",
    "bank_name": "Sample Bank",
    "bank_address": "1 Sample Street, New York",
    "bic": "CHASUS33XXX",
    "local": {"routing": "021000021", "account": "123456789"},
}
MALAWIAN = {
    "country": "MW",
    "currency": "USD",
    "holder": "Sample Provider Ltd",
    "bank_name": "Sample Bank",
    "bank_address": "Sample House, Blantyre",
    "bic": "NBMAMWMWXXX",
    "local": {"account": "1000123456"},
}
ALL: dict[str, dict[str, Any]] = {
    "iban": GERMAN,
    "swiss": SWISS,
    "czech": CZECH,
    "brazilian": BRAZILIAN,
    "indian": INDIAN,
    "american": AMERICAN,
    "elsewhere": MALAWIAN,
}

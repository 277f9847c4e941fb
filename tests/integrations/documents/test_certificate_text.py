"""What a certificate says, read back from its PDF to the letter."""

from dataclasses import replace

import pytest

from app.domain.certificates.json_twin import sha256, to_json
from app.integrations.documents.interface import CertificateData, PresentedTo
from app.integrations.documents.typst_certificates import TypstCertificates
from tests.integrations.documents.examples import (
    AER_LINE,
    CERTIFICATE,
    MCER_LINE,
    for_lines,
    in_language,
    serial_range,
)
from tests.integrations.documents.reading import page_texts, squeezed, squeezed_text

SAID = {
    "en": [
        "Certificate of voluntary cancellation",
        "25 tonnes of CO2 equivalent",
        "twenty-five tonnes of CO2 equivalent",
        "Presented to Sample Bakery Cooperative Germany",
        "Provider of the units Sample Climate Projects (Pty) Ltd Malawi",
        "Purpose Voluntary contribution to climate action",
        "Reason, as stated by the beneficiary; not verified For the deliveries of our first hundred years",
        "Technology Efficient cookstoves Sectoral scope 3 Energy demand",
        "Technology Wind power Sectoral scope 1 Energy industries (renewable/non-renewable)",
        "Monitoring period 1 Jan 2024 to 31 Dec 2024",
        "Unit class Authorized A6.4ER (AER)",
        "Unit class Mitigation contribution A6.4ER (MCER)",
        "Authorized uses international mitigation purposes (IMP); other purposes (OP)",
        "Authorized uses None (no international transfer)",
        "Cancelled on 23 Nov 2026, 14:05:07 UTC",
        "Host Party Brazil",
        "This certificate is not a title to units and cannot be traded.",
        "Page 1 of 1",
    ],
    "fr": [
        "Certificat d’annulation volontaire",
        "25 tonnes d’équivalent CO2",
        "vingt-cinq tonnes d’équivalent CO2",
        "Décerné à Sample Bakery Cooperative Allemagne",
        "Fournisseur des unités Sample Climate Projects (Pty) Ltd Malawi",
        "Objet Contribution volontaire à l’action climatique",
        "Motif, tel qu’indiqué par le bénéficiaire ; non vérifié For the deliveries of our first hundred years",
        "Technologie Foyers de cuisson améliorés Secteur d’activité 3 Demande d’énergie",
        "Période de suivi du 1 janv. 2024 au 31 déc. 2024",
        "Catégorie d’unités A6.4ER autorisée (AER)",
        "Utilisations autorisées fins d’atténuation internationales (IMP); autres fins (OP)",
        "Date d’annulation 23 nov. 2026, 14:05:07 UTC",
        "Partie hôte Brésil",
        "Ce certificat n’est pas un titre de propriété d’unités et ne peut pas être négocié.",
        "Page 1 sur 1",
    ],
    "es": [
        "Certificado de cancelación voluntaria",
        "25 toneladas de CO2 equivalente",
        "veinticinco toneladas de CO2 equivalente",
        "Otorgado a Sample Bakery Cooperative Alemania",
        "Proveedor de las unidades Sample Climate Projects (Pty) Ltd Malaui",
        "Finalidad Contribución voluntaria a la acción climática",
        "Motivo, según lo indicado por el beneficiario; no verificado For the deliveries of our first hundred years",
        "Tecnología Cocinas eficientes Ámbito sectorial 3 Demanda de energía",
        "Período de vigilancia del 1 ene 2024 al 31 dic 2024",
        "Clase de unidad A6.4ER autorizada (AER)",
        "Usos autorizados fines de mitigación internacionales (IMP); otros fines (OP)",
        "Fecha de cancelación 23 nov 2026, 14:05:07 UTC",
        "Parte de acogida Brasil",
        "Este certificado no es un título de propiedad de unidades y no puede negociarse.",
        "Página 1 de 1",
    ],
}
# Claims that no certificate makes, in any of its languages.
NEVER = (
    "neutral",
    "neutre",
    "neutro",
    "offset",
    "net zero",
    "net-zero",
    "zéro émission",
    "cero emisiones",
    "retire",
)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_it_says_all_in_its_language(certificates: TypstCertificates, language: str) -> None:
    text = squeezed_text(certificates.render(in_language(language), b"{}"))
    assert [said for said in SAID[language] if squeezed(said) not in text] == []


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_it_carries_every_fact_to_the_letter(certificates: TypstCertificates, language: str) -> None:
    data = in_language(language)
    twin = to_json(data)
    text = squeezed_text(certificates.render(data, twin))
    assert [fact for fact in _facts(data) if squeezed(fact) not in text] == []
    assert sha256(twin) in text


def _facts(data: CertificateData) -> list[str]:
    facts = [data.number, data.code, data.public_url, data.order_number, data.provider_name]
    facts += [part for it in data.statements for part in (it.text, it.version)]
    for line in data.lines:
        facts += [line.activity_ref, line.activity_title, line.issuance_ref, str(line.vintage)]
        facts += [line.registry_cancellation_id, line.client_reference]
        facts += [
            reference for reference in (line.attestation_reference, line.authorization_reference) if reference
        ]
        facts += [shown.printed for shown in line.serial_ranges]
    return facts


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_it_claims_nothing_it_must_not(certificates: TypstCertificates, language: str) -> None:
    data = replace(in_language(language), purpose="voluntary_compensation")
    text = " ".join("".join(page_texts(certificates.render(data, b"{}"))).lower().split())
    assert [word for word in NEVER if word in text] == []


def test_serial_numbers_stay_on_one_line(certificates: TypstCertificates) -> None:
    line = replace(
        AER_LINE, quantity=30, serial_ranges=tuple(serial_range(10**8 + at * 50, 10) for at in range(3))
    )
    (text,) = page_texts(certificates.render(for_lines(line), b"{}"))
    assert [shown.printed for shown in line.serial_ranges if shown.printed not in text] == []


def test_forty_ranges_go_to_an_annex(certificates: TypstCertificates) -> None:
    ranges = tuple(serial_range(1000 * at + 1, 10) for at in range(40))
    pdf = certificates.render(for_lines(replace(AER_LINE, quantity=400, serial_ranges=ranges)), b"{}")
    first, annex = page_texts(pdf)
    assert "All 40 serial ranges and all further details are in the annex" in first
    assert "Verify this certificate" in first
    assert [shown.printed for shown in ranges if shown.printed not in annex] == []
    assert ranges[0].printed not in first


def test_a_dozen_cancellations_are_all_in_the_annex(certificates: TypstCertificates) -> None:
    lines = tuple(
        replace(
            MCER_LINE,
            activity_ref=f"A6.4-BR-{at:06}",
            registry_cancellation_id=f"CXL-{at:07}",
            serial_ranges=(serial_range(at * 100 + 1, 5, f"A6.4ER-BR-{at:06}-2023"),),
        )
        for at in range(1, 13)
    )
    data = for_lines(*lines)
    pages = page_texts(certificates.render(data, b"{}"))
    assert len(pages) == 4
    annex = squeezed("".join(pages[1:]))
    assert [line for line in lines if squeezed(line.serial_ranges[0].printed) not in annex] == []
    assert [line for line in lines if squeezed(line.registry_cancellation_id) not in annex] == []


def test_a_name_of_two_hundred_characters_and_a_long_title_fit_on_the_page(
    certificates: TypstCertificates,
) -> None:
    name = ("Sample Society of Extraordinarily Long Names and Friends " * 4)[:199].strip() + "!"
    title = ("Sample programme of activities with an uncommonly long name " * 5)[:299].strip() + "!"
    data = for_lines(
        replace(AER_LINE, activity_title=title),
        presented_to=PresentedTo("organisation", "public", name, "DE"),
    )
    (text,) = page_texts(certificates.render(data, b"{}"))
    assert squeezed(name) in squeezed(text)
    assert squeezed(title) in squeezed(text)


def test_a_word_longer_than_the_page_is_wide_is_broken(certificates: TypstCertificates) -> None:
    data = for_lines(AER_LINE, presented_to=PresentedTo("organisation", "public", "W" * 200, "DE"))
    pages = page_texts(certificates.render(data, b"{}"))
    assert max(len(part) for part in "".join(pages).split() if set(part) == {"W"}) < 80
    assert "W" * 200 in squeezed("".join(pages))


@pytest.mark.parametrize(
    "name",
    [
        "جمعية الخبازين النموذجية",
        "示例面包师合作社有限公司",
        "Δείγμα Образец",
        "עמותה לדוגמה",
    ],
)
def test_names_of_other_scripts(certificates: TypstCertificates, name: str) -> None:
    data = for_lines(AER_LINE, presented_to=PresentedTo("organisation", "public", name, "DE"))
    text = "".join(page_texts(certificates.render(data, b"{}")))
    assert [word for word in name.split() if word not in text] == []


@pytest.mark.parametrize(
    "presented_to, said",
    [
        (PresentedTo("individual", "anonymous", None, "DE"), "Presented to An individual, Germany"),
        (PresentedTo("organisation", "anonymous", None, "DE"), "Presented to An organisation, Germany"),
        (PresentedTo("individual", "anonymous", None, None), "Presented to An individual"),
    ],
)
def test_who_is_not_named(certificates: TypstCertificates, presented_to: PresentedTo, said: str) -> None:
    pdf = certificates.render(for_lines(AER_LINE, presented_to=presented_to), b"{}")
    assert squeezed(said + "20 tonnes") in squeezed_text(pdf)


def test_without_a_reason_nothing_is_said_of_one(certificates: TypstCertificates) -> None:
    assert "Reason" not in squeezed_text(certificates.render(replace(CERTIFICATE, reason=None), b"{}"))


def test_a_second_version_says_so(certificates: TypstCertificates) -> None:
    assert "Version2" in squeezed_text(certificates.render(replace(CERTIFICATE, version=2), b"{}"))


def test_one_tonne_is_singular(certificates: TypstCertificates) -> None:
    line = replace(MCER_LINE, quantity=1, serial_ranges=(serial_range(88, 1),))
    text = squeezed_text(certificates.render(for_lines(line), b"{}"))
    assert "1tonneofCO2equivalentonetonneofCO2equivalent" in text


def test_a_million_is_grouped_as_the_language_does(certificates: TypstCertificates) -> None:
    line = replace(MCER_LINE, quantity=1_234_567, serial_ranges=(serial_range(1, 1_234_567),))
    text = "".join(page_texts(certificates.render(for_lines(line), b"{}")))
    assert "1,234,567 tonnes of CO2 equivalent" in text
    assert "1,234,567 units" in text

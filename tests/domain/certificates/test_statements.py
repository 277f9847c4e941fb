"""What is stated about the units, in words that were agreed and are frozen."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.certificates.statements import CURRENT_VERSION, statement, statements_for
from app.integrations.documents.interface import PresentedTo
from tests.integrations.documents.examples import AER_LINE, MCER_LINE

SOMEBODY = PresentedTo("organisation", "public", "Sample Bakery Cooperative", "DE")
UNNAMED = PresentedTo("individual", "anonymous", None, "DE")
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "language, text",
    [
        (
            "en",
            (
                "1,200 A6.4ERs, authorized by the host Party (Malawi) for international mitigation purposes and other "
                "purposes, were permanently cancelled in the Article 6.4 mechanism registry on 23 November 2026 on behalf "
                "of Sample Bakery Cooperative. The host Party is to apply a corresponding adjustment for these units."
            ),
        ),
        (
            "fr",
            (
                "1\u202f200 A6.4ER, autorisées par la Partie hôte (Malawi) pour des fins d’atténuation internationales et "
                "d’autres fins, ont été annulées définitivement dans le registre du mécanisme de l’article 6.4 en date du "
                "23 novembre 2026 au nom du bénéficiaire (Sample Bakery Cooperative). La Partie hôte doit appliquer un ajustement "
                "correspondant pour ces unités."
            ),
        ),
        (
            "es",
            (
                "1.200 A6.4ER, autorizadas por la Parte de acogida (Malaui) para fines de mitigación internacionales y "
                "otros fines, se cancelaron definitivamente en el registro del mecanismo del artículo 6.4 el 23 de "
                "noviembre de 2026 en nombre de Sample Bakery Cooperative. La Parte de acogida debe aplicar un ajuste "
                "correspondiente por estas unidades."
            ),
        ),
    ],
)
def test_authorized_units(language: str, text: str) -> None:
    said = statement(
        "AER",
        language,
        quantity=1200,
        host_party="MW",
        authorized_uses=("IMP", "OP"),
        cancelled_on=DAY,
        presented_to=SOMEBODY,
    )
    assert (said.unit_class, said.version, said.text) == ("AER", CURRENT_VERSION, text)


@pytest.mark.parametrize(
    "language, ending",
    [
        (
            "en",
            (
                "on behalf of an individual (Germany), as a contribution to mitigation in the host Party (Brazil). It is "
                "not authorized for international transfer; the host Party may count this reduction towards its own "
                "nationally determined contribution. This certificate supports no claim that the beneficiary’s own "
                "emissions are compensated."
            ),
        ),
        (
            "fr",
            (
                "au nom du bénéficiaire (un particulier, Allemagne), à titre de contribution à l’atténuation dans la Partie hôte "
                "(Brésil). Son transfert international n’est pas autorisé ; la Partie hôte peut comptabiliser cette "
                "réduction au titre de sa propre contribution déterminée au niveau national. Ce certificat ne permet pas "
                "d’affirmer que les émissions propres du bénéficiaire sont compensées."
            ),
        ),
        (
            "es",
            (
                "en nombre de una persona (Alemania), como contribución a la mitigación en la Parte de acogida (Brasil). "
                "Su transferencia internacional no está autorizada; la Parte de acogida puede contabilizar esta "
                "reducción para su propia contribución determinada a nivel nacional. Este certificado no permite afirmar "
                "que las emisiones propias del beneficiario estén compensadas."
            ),
        ),
    ],
)
def test_one_mitigation_contribution_unit_for_somebody_unnamed(language: str, ending: str) -> None:
    said = statement(
        "MCER",
        language,
        quantity=1,
        host_party="BR",
        authorized_uses=(),
        cancelled_on=DAY,
        presented_to=UNNAMED,
    )
    assert said.text.endswith(ending)


def test_three_uses_read_as_a_list() -> None:
    said = statement(
        "AER",
        "en",
        quantity=2,
        host_party="MW",
        authorized_uses=("NDC", "IMP", "OP"),
        cancelled_on=DAY,
        presented_to=SOMEBODY,
    )
    assert (
        "for use towards a nationally determined contribution, international mitigation purposes and other purposes,"
        in said.text
    )


def test_a_name_is_never_a_template() -> None:
    somebody = replace(SOMEBODY, name="{quantity} {0} %s")
    (said,) = statements_for([AER_LINE], somebody, "en")
    assert "on behalf of {quantity} {0} %s." in said.text


def test_lines_that_are_alike_are_stated_together() -> None:
    later = datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)
    lines = [AER_LINE, MCER_LINE, AER_LINE, replace(AER_LINE, cancelled_at=later)]
    said = statements_for(lines, SOMEBODY, "en")
    assert [(it.unit_class, it.text.split()[0]) for it in said] == [
        ("AER", "40"),
        ("MCER", "5"),
        ("AER", "20"),
    ]
    assert "on 24 November 2026" in said[2].text


def test_authorized_units_without_a_use_are_not_stated() -> None:
    with pytest.raises(ValueError, match="without a use"):
        statements_for([replace(AER_LINE, authorized_uses=())], SOMEBODY, "en")


@pytest.mark.parametrize("unit_class, language", [("CER", "en"), ("AER", "de")])
def test_what_nobody_has_worded_is_not_stated(unit_class: str, language: str) -> None:
    with pytest.raises(KeyError):
        statement(
            unit_class,
            language,
            quantity=2,
            host_party="MW",
            authorized_uses=("OP",),
            cancelled_on=DAY,
            presented_to=SOMEBODY,
        )

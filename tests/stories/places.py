"""Every page a visitor can come to, and what has to happen before there is one."""

import time
from dataclasses import dataclass, replace
from uuid import uuid4

from playwright.sync_api import Browser, StorageState

from app.domain.certificates.models import Certificate
from app.domain.certificates.queries import certificate_of
from app.domain.orders.models import Order, OrderGroup
from app.domain.payments.models import Payment, PaymentState
from app.shells.start_checkout import start_checkout
from tests.stories.browsing import Watch
from tests.stories.navigators import PATIENCE, Buyer, Wishes
from tests.stories.platform import Platform
from tests.town import DETAILS, place


@dataclass(frozen=True)
class Place:
    """A page: its address behind the language, and the cookies of somebody who may see it."""

    path: str
    cookies: StorageState | None = None
    answer: int = 200


class Places:
    """Finds the way to a page by its name. What has to happen first happens once."""

    def __init__(self, platform: Platform, browser: Browser) -> None:
        self.platform = platform
        self.browser = browser
        self.known: dict[str, Place] = {}
        self.certified: tuple[Order, Certificate] | None = None

    def find(self, name: str) -> Place:
        if name not in self.known:
            self.known[name] = getattr(self, name)()
        return self.known[name]

    def projects(self) -> Place:
        return Place("/projects")

    def projects_filtered(self) -> Place:
        return Place("/projects?country=BR&class=AER&sort=price&q=sample")

    def projects_none(self) -> Place:
        return Place("/projects?q=nothing+is+called+so&min_price=abc")

    def project(self) -> Place:
        return Place(f"/projects/{self.platform.providers()[0][0].activity_ref}")

    def basket_empty(self) -> Place:
        return Place("/basket")

    def basket(self) -> Place:
        first, second = (shelf[0] for shelf in self.platform.providers()[:2])
        buyer = self._somebody()
        buyer.chooses_two_offers((first, 20), (second, 5))
        return Place("/basket", self._leave(buyer))

    def checkout(self) -> Place:
        return Place("/checkout", self.find("basket").cookies)

    def confirm(self) -> Place:
        buyer = self._somebody(self.find("basket").cookies)
        buyer.opens("/basket")
        buyer.fills_in_the_certificate(Wishes(reason="A reason " * 28))
        return Place("/checkout/confirm", self._leave(buyer))

    def order_unpaid(self) -> Place:
        return Place(f"/orders/{self._placed(0).orders[0].token}?back=unpaid")

    def order_unpaid_pay(self) -> Place:
        return Place(f"/orders/{self._placed(1).orders[0].token}/pay")

    def order_group(self) -> Place:
        return Place(f"/order-groups/{self._placed(2, 3).token}")

    def pay_hop(self) -> Place:
        order = self._placed(1).orders[0]
        start_checkout(self.platform.works, order.id)
        return Place(f"/orders/{order.token}/pay")

    def order_pending(self) -> Place:
        order, payment = self._approved(4, "review")
        for _ in range(150):
            with self.platform.works.sessions() as session:
                if session.get_one(Payment, payment.id).state == PaymentState.PENDING:
                    return Place(f"/orders/{order.token}")
            time.sleep(0.2)
        raise AssertionError("the payment does not become pending")

    def order_completed(self) -> Place:
        return Place(f"/orders/{self._certified()[0].token}")

    def certificate(self) -> Place:
        return Place(f"/certificates/{self._certified()[1].code}")

    def certificate_check(self) -> Place:
        return Place("/certificates")

    def certificate_unknown(self) -> Place:
        return Place("/certificates?code=AAAA-AAAA", answer=404)

    def find_order(self) -> Place:
        return Place("/find-order")

    def order_unknown(self) -> Place:
        return Place("/orders/nobody-has-this-link", answer=404)

    def nowhere(self) -> Place:
        return Place("/no-such-page", answer=404)

    def _somebody(self, cookies: StorageState | None = None) -> Buyer:
        context = self.browser.new_context(storage_state=cookies)
        context.set_default_timeout(PATIENCE)
        watch = Watch(self.platform.url, self.platform.town.paypal.url)
        return Buyer(
            context.new_page(),
            self.platform,
            watch,
            language="en",
            script=True,
            email=f"{uuid4().hex[:10]}@example.com",
        )

    def _leave(self, buyer: Buyer) -> StorageState:
        cookies = buyer.page.context.storage_state()
        buyer.page.context.close()
        return cookies

    def _placed(self, *providers: int) -> OrderGroup:
        offers = {self.platform.providers()[number][0].id: 5 for number in providers}
        # Somebody else each time: of one buyer only so many orders may wait.
        return place(self.platform.works, offers, replace(DETAILS, email=f"{uuid4().hex[:10]}@example.com"))

    def _approved(self, provider: int, scenario: str) -> tuple[Order, Payment]:
        order = self._placed(provider).orders[0]
        payment = start_checkout(self.platform.works, order.id)
        self.platform.town.approve(payment, scenario)
        return order, payment

    def _certified(self) -> tuple[Order, Certificate]:
        if self.certified is None:
            order, _ = self._approved(5, "approve")
            self.certified = order, self._certificate_of(order)
        return self.certified

    def _certificate_of(self, order: Order) -> Certificate:
        for _ in range(150):
            with self.platform.works.sessions() as session:
                certificate = certificate_of(session, order.id)
            if certificate is not None and certificate.pdf_sha256 is not None:
                return certificate
            time.sleep(0.2)
        raise AssertionError("the certificate does not come")


NAMES = tuple(name for name in vars(Places) if name != "find" and not name.startswith("_"))

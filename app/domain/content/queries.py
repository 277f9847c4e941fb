"""What providers say and show about activities, always by whose it is or by whether it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, undefer

from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.content.models import ActivityContent, ContentKind, ContentState
from app.domain.offers.models import Offer
from app.domain.people.models import Provider, ProviderState, RegistryAccount


@dataclass(frozen=True)
class OwnActivity:
    """An activity of a provider, and how much it says about it: pieces by state."""

    activity: Activity
    pieces: dict[str, int]


@dataclass(frozen=True)
class ShownDocument:
    """A document on an activity's page, with its size in bytes."""

    content: ActivityContent
    size: int


@dataclass
class SellerSays:
    """What one provider shows of an activity."""

    provider: Provider
    summary: ActivityContent | None = None
    pictures: list[ActivityContent] = field(default_factory=list)
    documents: list[ShownDocument] = field(default_factory=list)


def own_activities(session: Session, provider_id: UUID) -> list[OwnActivity]:
    """The activities of which the provider has, or had, a mandate or an offer, in alphabetical order."""
    activities = session.scalars(
        select(Activity)
        .where(Activity.activity_ref.in_(_references(provider_id)))
        .order_by(func.lower(Activity.title), Activity.activity_ref)
    ).all()
    counts = session.execute(
        select(ActivityContent.activity_ref, ActivityContent.state, func.count())
        .where(ActivityContent.provider_id == provider_id)
        .group_by(ActivityContent.activity_ref, ActivityContent.state)
    ).all()
    return [
        OwnActivity(activity, {state: count for ref, state, count in counts if ref == activity.activity_ref})
        for activity in activities
    ]


def is_own_activity(session: Session, provider_id: UUID, activity_ref: str) -> bool:
    """Has, or had, the provider a mandate or an offer of this activity?"""
    wanted = _references(provider_id).where(Block.activity_ref == activity_ref).limit(1)
    return session.scalar(wanted) is not None


def content_for_provider(session: Session, provider_id: UUID, activity_ref: str) -> Sequence[ActivityContent]:
    """What the provider has added to an activity and not removed, as it is ordered on the page."""
    return session.scalars(
        select(ActivityContent)
        .where(
            ActivityContent.provider_id == provider_id,
            ActivityContent.activity_ref == activity_ref,
            ActivityContent.state != ContentState.REMOVED,
        )
        .order_by(ActivityContent.position, ActivityContent.added_at)
    ).all()


def own_content(session: Session, provider_id: UUID, content_id: UUID) -> ActivityContent | None:
    """One piece of the provider's own; None for anybody else's, as for one that is not there."""
    return session.scalars(
        select(ActivityContent).where(
            ActivityContent.id == content_id, ActivityContent.provider_id == provider_id
        )
    ).one_or_none()


def shown_content(session: Session, activity_ref: str, language: str) -> list[SellerSays]:
    """What the page of an activity shows, one active provider after the other, the summary in the reader's language.

    Where there is no summary in it, the English one, else any. No file is read: one query.
    """
    rows = session.execute(
        select(ActivityContent, Provider, func.octet_length(ActivityContent.content))
        .join(Provider, Provider.id == ActivityContent.provider_id)
        .where(
            ActivityContent.activity_ref == activity_ref,
            ActivityContent.state == ContentState.SHOWN,
            Provider.state == ProviderState.ACTIVE,
        )
        .order_by(func.lower(Provider.legal_name), Provider.id, ActivityContent.position, ActivityContent.id)
    )
    sellers: dict[UUID, SellerSays] = {}
    wanted = (language, "en")
    for content, provider, size in rows:
        said = sellers.setdefault(provider.id, SellerSays(provider))
        match content.kind:
            case ContentKind.PICTURE:
                said.pictures.append(content)
            case ContentKind.DOCUMENT:
                said.documents.append(ShownDocument(content, size))
            case _ if said.summary is None or _rank(content, wanted) < _rank(said.summary, wanted):
                said.summary = content
    return list(sellers.values())


def shown_file(session: Session, sha256: str, kind: ContentKind, *, small: bool = False) -> bytes | None:
    """The bytes of a picture (large or small) or document that is shown somewhere; None otherwise."""
    column = ActivityContent.small if small else ActivityContent.content
    return session.scalar(
        select(column)
        .join(Provider, Provider.id == ActivityContent.provider_id)
        .where(
            ActivityContent.sha256 == sha256,
            ActivityContent.kind == kind,
            ActivityContent.state == ContentState.SHOWN,
            Provider.state == ProviderState.ACTIVE,
        )
        .limit(1)
    )


def content_of_activity(session: Session, activity_ref: str) -> Sequence[ActivityContent]:
    """What providers have added to an activity and not removed, for administrators, the newest first."""
    return session.scalars(
        select(ActivityContent)
        .where(ActivityContent.activity_ref == activity_ref, ActivityContent.state != ContentState.REMOVED)
        .options(joinedload(ActivityContent.provider))
        .order_by(ActivityContent.added_at.desc(), ActivityContent.id)
    ).all()


def content_with_file(session: Session, content_id: UUID) -> ActivityContent | None:
    """Any piece of content with its file, for administrators."""
    return session.get(ActivityContent, content_id, options=[undefer(ActivityContent.content)])


def _rank(summary: ActivityContent, wanted: Sequence[str]) -> int:
    return wanted.index(summary.language) if summary.language in wanted else len(wanted)


def _references(provider_id: UUID) -> Select[str]:
    """The activities of the provider's mandates and offers."""
    return (
        select(Block.activity_ref)
        .join(Mandate, Mandate.block_id == Block.block_id)
        .outerjoin(RegistryAccount, RegistryAccount.account_id == Mandate.account_id)
        .outerjoin(Offer, Offer.mandate_id == Mandate.mandate_id)
        .where((RegistryAccount.provider_id == provider_id) | (Offer.provider_id == provider_id))
    )

"""The declarative base: typed columns, one naming rule for constraints, times with their zone."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, DateTime, Enum, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), str: Text(), int: BigInteger()}


def new_id() -> Mapped[UUID]:
    """A primary key that cannot be guessed."""
    return mapped_column(primary_key=True, default=uuid4)


def state_column(states: type[StrEnum], **options: Any) -> Mapped[Any]:
    """A column that holds one of the states as text, checked by the database too."""
    kind = Enum(
        states,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=states.__name__.lower(),
        values_callable=lambda enum: [member.value for member in enum],
    )
    return mapped_column(kind, **options)

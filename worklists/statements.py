"""Statements compiled once and run often: the ORM says what, the database keeps how.

Django builds the SQL of a query anew each time, which takes more processor time than
the server takes to answer it. Acts that people do all day long therefore declare their
queries here as ``Statement`` or ``Change``: an ordinary queryset with ``Slot`` where a
value will stand. The SQL is made at the first use and is the same text ever after, so
the server's prepared plan serves every call, too.

What is not a slot stays what it was at the first use: no ``now()``, no person and no
active time zone may stand in the queryset. A slot that is given None finds nothing, for
``=`` never holds for NULL.

Write an ordinary queryset first. Declare a statement where a measurement asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import BooleanField, Expression, Field, Func, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.subqueries import UpdateQuery
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")


class Slot(Expression):
    """A place in a statement for a value that each call names."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        """Name the slot; the field is needed where Django selects it as a column."""
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:  # noqa: ARG002
        """Return a placeholder whose parameter is the slot itself, filled later."""
        return "%s", (self,)


class IsAny(Func):
    """``column = ANY(array)``: one text however many values the array holds."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


class _Text:
    """The SQL of a compiled query and where the values of a call go."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self.sql, params = compiler.as_sql()
        self._params: tuple[Any, ...] = tuple(params)
        self._slots = {p.name for p in self._params if isinstance(p, Slot)}

    def bind(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        if values.keys() != self._slots:
            raise TypeError(
                f"the slots are {sorted(self._slots)}, not {sorted(values)}"
            )
        return tuple(values[p.name] if isinstance(p, Slot) else p for p in self._params)


class _Rows(Generic[Row]):
    """A queryset with the compiler that knows how its rows become objects."""

    def __init__(self, queryset: QuerySet[Any, Row]) -> None:
        self._queryset = queryset
        self._locks = queryset.query.select_for_update
        self._compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self._text = _Text(self._compiler)
        columns = self._compiler.select[: self._compiler.col_count]
        self._converters = self._compiler.get_converters([one[0] for one in columns])
        self._compiler.connection = None  # that of a thread which may end before us

    def run(self, values: Mapping[str, Any]) -> list[Row]:
        said = self._text.sql, self._text.bind(values)
        connection = connections[DEFAULT_DB_ALIAS]  # a connection is a thread's
        if self._locks and connection.get_autocommit():
            # Django says so while it compiles, which here is once and not each time.
            raise TransactionManagementError("rows are locked in a transaction")
        bound: Any = copy(self._compiler)
        bound.connection = connection
        bound.as_sql = lambda *_args, **_options: said
        bound.get_converters = lambda _columns: self._converters
        asked: Any = self._queryset.all()
        asked.query.get_compiler = lambda *_args, **_options: bound
        return list(asked)


class Statement(Generic[Row]):
    """A query with slots; ``rows`` and ``first`` run it.

    ``build`` returns the queryset. Whatever it yields (models with their relations,
    tuples of ``values_list``) comes back as from the queryset itself.
    """

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        """Declare it; nothing is compiled before the first use."""
        self._build = build

    @cached_property
    def _rows(self) -> _Rows[Row]:
        return _Rows(self._build())

    def rows(self, **values: Any) -> list[Row]:
        """Run it with a value for every slot; ``TypeError`` for any other set."""
        return self._rows.run(values)

    def first(self, **values: Any) -> Row | None:
        """Return the first row or None; the queryset says its own limit."""
        rows = self.rows(**values)
        return rows[0] if rows else None


class Change:
    """An UPDATE with slots; calling it returns the number of rows changed.

    ``build`` returns the rows and the new value of each field: a slot or an expression.
    """

    def __init__(
        self, build: Callable[[], tuple[QuerySet[Any], Mapping[str, Any]]]
    ) -> None:
        """Declare it; nothing is compiled before the first use."""
        self._build = build

    @cached_property
    def _text(self) -> _Text:
        rows, new = self._build()
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(dict(new))
        return _Text(query.get_compiler(DEFAULT_DB_ALIAS))

    def __call__(self, **values: Any) -> int:
        """Run it with a value for every slot; ``TypeError`` for any other set."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(self._text.sql, self._text.bind(values))
            return int(cursor.rowcount)

    def one(self, **values: Any) -> None:
        """Run it for a row that must be there; ``DatabaseError`` when it is not."""
        changed = self(**values)
        if changed != 1:
            raise DatabaseError(f"{changed} rows changed where one had to")

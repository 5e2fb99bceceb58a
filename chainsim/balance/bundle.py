"""Arrays bundled behind one address: handing fifty of them over costs more than many an allocation.

A bundle is a class of arrays in Python and a single pointer in machine code, where it points to
four words for each field, in their order: address and shape (of another bundle: its address). Only
what a function looks at is read, so calls cost next to nothing and functions are compiled in half
the time. The arrays stay where they are and keep their shape as long as the bundle lives.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar

import numpy as np
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, models, register_model, unbox
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# The same with the number of axes, as the fields of a bundle have to tell it.
Floats1 = Annotated[Floats, 1]
Floats2 = Annotated[Floats, 2]
Floats3 = Annotated[Floats, 3]
Ints1 = Annotated[Ints, 1]
Ints2 = Annotated[Ints, 2]
# Without sign, so that machine code need not ask whether they count from the end.
Places1 = Annotated[NDArray[np.uint32], 1]
Places2 = Annotated[NDArray[np.uint32], 2]
Flags1 = Annotated[Flags, 1]
Flags2 = Annotated[Flags, 2]
Flags3 = Annotated[Flags, 3]

_AXES = 3
_WORDS = 1 + _AXES
_WORD = cgutils.intp_t


@dataclass(frozen=True, eq=False)
class Bundle:
    """Arrays, and bundles of arrays, that machine code knows by one address."""

    _numba_type_: ClassVar[Any]
    words: Ints = field(init=False, repr=False)
    address: int = field(init=False, repr=False)

    def __init_subclass__(cls) -> None:
        """Tell the compiler what the fields are."""
        cls._numba_type_ = _BundleType(cls)

    def __post_init__(self) -> None:
        """Write the addresses down."""
        rows: list[tuple[int, ...]] = []
        for content in self.fields().values():
            if isinstance(content, Bundle):
                rows.append((content.address, 0, 0, 0))
                continue
            assert content.flags.c_contiguous
            rows.append((content.ctypes.data, *(*content.shape, 1, 1)[:_AXES]))
        words = np.array(rows, dtype=np.int64)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "address", words.ctypes.data)

    def fields(self) -> Mapping[str, Any]:
        """Arrays and bundles by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays by name; those of a bundle within as `bundle.array`."""
        found: dict[str, NDArray[Any]] = {}
        for name, content in self.fields().items():
            if isinstance(content, Bundle):
                found |= {f"{name}.{k}": v for k, v in content.arrays().items()}
            else:
                found[name] = content
        return found

    def copied(self) -> typing.Self:
        """The same in arrays of its own."""
        content = self.fields().items()
        copies = {k: v.copied() if isinstance(v, Bundle) else v.copy() for k, v in content}
        return type(self)(**copies)


class _BundleType(types.Type):
    """What the compiler knows of a class of bundles: the type and the place of every field."""

    def __init__(self, of: type[Bundle]) -> None:
        hints = typing.get_type_hints(of, include_extras=True)
        names = [name for name in of.__annotations__ if name in hints]
        self.content = {name: _content(hints[name]) for name in names}
        self.places = {name: place for place, name in enumerate(names)}
        super().__init__(name=f"{of.__module__}.{of.__name__}")


def _content(hint: Any) -> Any:
    """Compiler's type of a field."""
    if isinstance(hint, type) and issubclass(hint, Bundle):
        return hint._numba_type_
    array, axes = typing.get_args(hint)
    (scalar,) = typing.get_args(typing.get_args(array)[1])
    return types.Array(from_dtype(np.dtype(scalar)), axes, "C")


@register_model(_BundleType)
class _BundleModel(models.PrimitiveModel):
    """A pointer to the words."""

    def __init__(self, manager: Any, of: _BundleType) -> None:
        super().__init__(manager, of, _WORD.as_pointer())


@infer_getattr
class _BundleFields(AttributeTemplate):
    """Types of fields."""

    key = _BundleType

    def generic_resolve(self, of: _BundleType, name: str) -> Any:  # type: ignore[override]
        """Type of one field; None where there is none of that name."""
        return of.content.get(name)


@lower_getattr_generic(_BundleType)
def _read(context: Any, builder: Any, of: _BundleType, pointer: Any, name: str) -> Any:
    """Code that makes a field: words never change, so one look at each is enough."""
    never_changes = builder.module.add_metadata([])

    def word(number: int) -> Any:
        at = _WORDS * of.places[name] + number
        found = builder.load(cgutils.gep_inbounds(builder, pointer, at))
        found.set_metadata("invariant.load", never_changes)
        return found

    content = of.content[name]
    if isinstance(content, _BundleType):
        return builder.inttoptr(word(0), _WORD.as_pointer())
    item = context.get_data_type(content.dtype)
    size = context.get_constant(types.intp, context.get_abi_sizeof(item))
    shape = [word(1 + axis) for axis in range(content.ndim)]
    strides = [size]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    array = context.make_array(content)(context, builder)
    populate_array(
        array,
        data=builder.inttoptr(word(0), item.as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()


@unbox(_BundleType)
def _unboxed(of: _BundleType, found: Any, c: Any) -> Any:
    """Code that takes a bundle from Python."""
    number = c.pyapi.object_getattr_string(found, "address")
    address = c.pyapi.long_as_longlong(number)
    c.pyapi.decref(number)
    return NativeValue(c.builder.inttoptr(address, _WORD.as_pointer()))

//! Marks: what clings to a value through every operation.

/// A set of marks. The result of an operation bears the union of the marks of its operands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(pub(super) u8);

impl Marks {
    /// No mark.
    pub const NONE: Marks = Marks(0);
    /// Never shown: neither in plans nor in logs nor in errors.
    pub const SENSITIVE: Marks = Marks(1);
    /// Never stored: neither in plans nor in state.
    pub const EPHEMERAL: Marks = Marks(2);

    /// The marks of both.
    pub const fn union(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    /// These marks without those of `other`.
    pub const fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }

    /// Whether every mark of `other` is among these.
    pub const fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is no mark.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the value must never be shown.
    pub const fn is_sensitive(self) -> bool {
        self.contains(Marks::SENSITIVE)
    }

    /// Whether the value must never be stored.
    pub const fn is_ephemeral(self) -> bool {
        self.contains(Marks::EPHEMERAL)
    }

    /// Whether messages must not show the value.
    pub const fn is_secret(self) -> bool {
        self.is_sensitive() || self.is_ephemeral()
    }
}

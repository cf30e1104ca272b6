//! What a caller may do, in one place.

/// Declares the scopes: variant, name, what it allows.
macro_rules! scopes {
    ($($variant:ident $name:literal $about:literal;)+) => {
        /// What a caller may do. A principal has them by name; names that are not among these are of no effect, since a
        /// merchant's own tokens may hold scopes of other systems (RFC 6749, section 3.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Scope { $(#[doc = $about] $variant,)+ }

        impl Scope {
            /// Every scope.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in a principal and in a token.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

scopes! {
    Orders "orders:write" "To submit orders.";
    Status "orders:read" "To ask what became of orders.";
    DeadLetters "dead-letters:write" "To look at orders that were given up, to mend them and to send them again.";
}

/// The scope that sending orders needs.
pub const SCOPE_ORDERS: &str = Scope::Orders.name();
/// The scope that asking what became of orders needs.
pub const SCOPE_STATUS: &str = Scope::Status.name();
/// The scope that lists of orders that were given up, and their mending, need.
pub const SCOPE_DEAD_LETTERS: &str = Scope::DeadLetters.name();

impl Scope {
    /// The scope of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }
}

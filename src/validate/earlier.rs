//! The orders that a stream had so far, as far as memory shall go.

use super::OrderSpan;
use crate::json::Names;
use std::{borrow::Cow, mem};

/// How many orders at least are remembered by their ids, to tell when one comes again; at most twice as many are.
const REMEMBERED: usize = 500_000;

/// The orders that a stream had by their ids, the latest of them.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    recent: Names<'static>,
    older: Names<'static>,
}

impl Earlier {
    /// Which order had these ids first.
    pub(super) fn get(&self, ids: &(Cow<'_, str>, Cow<'_, str>)) -> Option<usize> {
        self.recent.get(ids).or_else(|| self.older.get(ids)).copied()
    }

    /// Remembers the order. Which one had its ids first, if one had.
    pub(super) fn remember(&mut self, order: &OrderSpan, index: usize) -> Option<usize> {
        let (client_id, id) = (order.client_id.as_ref()?, order.client_order_id.as_ref()?);
        let ids = (client_id.clone().into(), id.clone().into());
        let first = self.get(&ids);
        if self.recent.len() >= REMEMBERED {
            self.older = mem::take(&mut self.recent);
        }
        self.recent.insert(ids, first.unwrap_or(index));
        first
    }
}

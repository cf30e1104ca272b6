// Ways to break the code. Each is a mistake that somebody could make, and `npm run simulate -- --mutations` shows that the simulation
// finds it.
export const MUTATIONS = [
  {
    name: "the vault starts a refresh beside the one under way",
    file: "src/broker/vault.rs",
    from: "let refresh = self.0.state.borrow().refresh.clone();",
    to: "let refresh: Option<Refresh> = None;",
  },
  {
    name: "the vault hands out a token that was rejected",
    file: "src/broker/vault.rs",
    from: "take_if(|token| is_ours(token))",
    to: "take_if(|token| !is_ours(token))",
  },
  {
    name: "the ledger does not store that a request is under way",
    file: "src/broker/ledger.rs",
    from: "self.store.put(STORE_KEY, &next.write()).await?;",
    to: "let _ = next.write();",
  },
  {
    name: "the ledger does not compare the bytes",
    file: "src/broker/ledger.rs",
    from: "kept.digest != *digest",
    to: "kept.digest != *digest && kept.claim == u64::MAX",
  },
  {
    name: "the ledger takes a claim whose lease is over for one that did nothing",
    file: "src/broker/ledger.rs",
    from: "if matches!(self.state, State::Running { .. }) { Doubt::Full } else { self.doubt }",
    to: "self.doubt",
  },
  {
    name: "the ledger ignores the lease of a request that is under way",
    file: "src/broker/ledger.rs",
    from: "State::Running { until_ms } if *until_ms > now_ms =>",
    to: "State::Running { until_ms } if *until_ms > now_ms + 3_600_000 =>",
  },
  {
    name: "the broker answers and does not settle",
    file: "src/broker/bulk.rs",
    from: "let is_settled = matches!(within(&ports.clock, time_ms, settled).await, Some(Ok(())));",
    to: "drop(settled);\n        let is_settled = time_ms > 0;",
  },
  {
    name: "the broker frees the key when some orders are refused and the others travel under another",
    file: "src/broker/bulk.rs",
    from: "problem.code == Some(ProblemCode::NotApproved) && !(0..orders).all(refused)",
    to: "problem.code == Some(ProblemCode::NotApproved) && (0..orders).all(refused)",
  },
  {
    name: "the broker settles a lost answer as one that did nothing",
    file: "src/broker/bulk.rs",
    from: "Processed::Unknown => Settlement::Unknown,",
    to: "Processed::Unknown => Settlement::NotProcessed,",
  },
  {
    name: "the broker puts the token into another header field",
    file: "src/broker/upstream.rs",
    from: '.with(header::UNIFIED_ERRORS, "true")',
    to: ".with(header::UNIFIED_ERRORS, token.expose())",
  },
  {
    name: "the client sends again what is in doubt",
    file: "src/client/batch.rs",
    from: "Processed::Unknown => failure.retryable || self.options.on_ambiguous == OnAmbiguous::Resend,",
    to: "Processed::Unknown => true,",
  },
  {
    name: "the client takes a timeout for a proof that nothing happened",
    file: "src/client/attempt.rs",
    from: "Self::new(ErrorInfo::new(ErrorCode::Timeout), Processed::Unknown, false)",
    to: "Self::new(ErrorInfo::new(ErrorCode::Timeout), Processed::No, false)",
  },
  {
    name: "the client forgets a doubt when a later attempt is refused",
    file: "src/client/batch.rs",
    from: "Processed::No if sending.doubt.is_none() => sending.job.ledger.not_processed(sending.orders),",
    to: "Processed::No if sending.doubt.take().is_none_or(|_| true) => sending.job.ledger.not_processed(sending.orders),",
  },
  {
    name: "orders in flight have failed when a submission is cut short",
    file: "src/client/ledger.rs",
    from: "    if in_doubt {",
    to: "    if in_doubt && error.code == ErrorCode::NotSent {",
  },
  {
    name: "an order begins one byte too late in the body",
    file: "src/batch/mod.rs",
    from: "out.extend_from_slice(span.of(input));",
    to: "out.extend_from_slice(span.of(input).trim_ascii_end().get(1..).unwrap_or_default());",
  },
  {
    name: "an order and its repeat travel side by side",
    file: "src/batch/mod.rs",
    from: "map_or(0, |wave| wave + 1)",
    to: "map_or(0, |wave| *wave)",
  },
];

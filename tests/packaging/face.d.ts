// The public types of the package. Written by `npm run face`.

// ---- pb-fulfillment ----

export interface Address {
    name?: string;
    company?: string;
    phone?: string;
    email?: string;
    addressLines?: string[];
    cityTown?: string;
    stateProvince?: string;
    postalCode?: string;
    countryCode?: string;
}

export interface ApiError {
    readonly errorCode?: string;
    readonly errorDescription?: string;
    readonly additionalInfo?: string;
    readonly parameters?: readonly string[];
}

export interface BatchOptions {
    readonly maxOrders?: number;
    readonly submissionId?: string;
}

export interface BuildOptions extends RuleOptions {
    readonly now?: Date | number;
}

export interface Builder {
    buildOrder(draft: DraftInput, options?: BuildOptions): BuiltOrder;
}

export interface BuiltOrder {
    readonly order: Order;
    readonly bytes: Uint8Array;
    readonly report: ValidationReport;
}

export interface BulkOrdersRequest {
    orders: Order[];
}

export interface BulkOrdersResponse {
    orders: OrderReceipt[];
}

export interface ClientOptions extends RuleOptions {
    readonly baseURL: string | URL;
    readonly fetch?: Fetch;
    readonly headers?: {
        readonly [name: string]: string;
    } | readonly (readonly [
        string,
        string
    ])[] | Iterable<readonly [
        string,
        string
    ]>;
    readonly timeout?: number;
    readonly deadline?: number;
    readonly maxRetries?: number;
    readonly maxRetryAfter?: number;
    readonly concurrency?: number;
    readonly onAmbiguous?: "report" | "resend";
    readonly onEvent?: (event: SubmissionEvent) => void;
}

export interface CustomsInfo {
    customsDeclaredValue?: number;
    importerCustomsReference?: string;
    importerCustomsReferenceType?: string;
}

export type DraftInput = string | Uint8Array | OrderDraft;

export interface DropShipInfo {
    companyName?: string;
    address?: string;
    city?: string;
    state?: string;
    postalCode?: string;
}

export type FaultKind = "none" | "refuse" | "cut_before" | "cut_after" | "cut_body" | "unauthorized" | "expire" | "server_error" | "unavailable" | "throttled" | "refuse_orders" | "omit_entries" | "html" | "truncated" | "empty";

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface FieldDescription {
    readonly name: string;
    readonly label: string;
    readonly description: string;
    readonly type: "string" | "number" | "boolean" | "object" | "array" | "any";
    readonly format?: "date-time" | "country" | "currency" | "postal-code";
    readonly required: boolean;
    readonly reserved: boolean;
    readonly maxLength?: number;
    readonly maxItems?: number;
    readonly values?: readonly string[];
    readonly default?: string;
    readonly provenance: Provenance;
}

export type Fix = {
    readonly op: "replace";
    readonly value: unknown;
} | {
    readonly op: "remove";
};

export interface FixedOrders {
    readonly orders: Order[];
    readonly bytes: Uint8Array;
    readonly applied: number;
}

export declare class FulfillmentClient {
    #private;
    constructor(options: ClientOptions);
    load(): Promise<void>;
    submitOrders(input: OrdersStream, options: SubmitStreamOptions): StreamSubmission;
    submitOrders(input: OrdersInput, options?: SubmitOptions): Promise<Submission>;
    submitOrders(input: OrdersInput | OrdersStream, options: SubmitStreamOptions): Promise<Submission> | StreamSubmission;
}

export declare class FulfillmentError extends Error {
    readonly name = "FulfillmentError";
    readonly code: FulfillmentErrorCode;
    readonly status?: number;
    readonly requestId?: string;
    readonly problem?: ProblemDetails;
    readonly report?: ValidationReport;
    readonly submission?: SubmissionSummary;
    constructor(code: FulfillmentErrorCode, message: string, details?: FulfillmentErrorDetails);
}

export type FulfillmentErrorCode = "invalid_json" | "invalid_input" | "stream_cut" | "wasm_unreachable" | "wasm_not_found" | "wasm_blocked" | "not_initialized" | "unsupported_runtime" | "outbox_refused" | "internal";

export interface FulfillmentErrorDetails {
    readonly status?: number | undefined;
    readonly requestId?: string | undefined;
    readonly problem?: ProblemDetails | undefined;
    readonly report?: ValidationReport | undefined;
    readonly submission?: SubmissionSummary | undefined;
    readonly cause?: unknown;
}

export interface Issue {
    readonly severity: Severity;
    readonly code: IssueCode;
    readonly message: string;
    readonly path: readonly (string | number)[];
    readonly pointer: string;
    readonly orderIndex?: number;
    readonly clientOrderId?: string;
    readonly expected?: string;
    readonly received?: string;
    readonly help?: string;
    readonly fix?: Fix;
    readonly position?: {
        readonly line: number;
        readonly column: number;
    };
    readonly provenance: Provenance;
}

export type IssueCode = "json_syntax" | "invalid_utf8" | "too_large" | "too_deep" | "duplicate_key" | "lone_surrogate" | "number_range" | "type" | "required" | "too_long" | "too_many" | "too_many_orders" | "not_allowed" | "reserved_field" | "reserved_value" | "unknown_field" | "date_time" | "date_time_form" | "country_code" | "currency_code" | "state_province" | "postal_code" | "postal_code_number" | "postal_code_zero" | "not_positive" | "ordered_quantity" | "no_order_lines" | "address_incomplete" | "address_name" | "address_region" | "line_total" | "total_item_amount" | "total_tax_amount" | "total_discount_amount" | "total_order_amount" | "date_order" | "duplicate_order";

export type Message = string | ((issue: Issue) => string);

export interface Order {
    clientId: string;
    clientOrderId: string;
    customerOrderId?: string;
    inputShippingDetails: ShippingDetails;
    orderType?: "eCom" | "Retail";
    createDate: string;
    fromNode?: string;
    shipOnDate?: string;
    fulfillmentReleaseDate?: string;
    promisedDeliveryDate?: string;
    orderHandling?: "X" | "R" | "E";
    orderLines: OrderLine[];
    orderCharges?: OrderCharges;
    toAddress: Address;
    billingAddress?: Address;
    isGift?: boolean;
    giftMessageText?: string;
    valueAddedServices?: unknown[];
    paymentDetails?: unknown[];
    customsInfo?: CustomsInfo;
    internalNotes?: string;
    dropShipInfo?: DropShipInfo;
    brand?: string;
    references?: Reference[];
    salesChannel?: unknown;
    updateDate?: string;
}

export interface OrderBatch {
    readonly batchId: string;
    readonly body: Uint8Array;
    readonly orders: readonly number[];
    readonly wave: number;
}

export interface OrderCharges {
    orderCurrency?: string;
    shippingAmount?: number;
    totalItemAmount?: number;
    dutyDetails?: Price[];
    totalTaxAmount?: number;
    taxDetails?: Price[];
    totalDiscountAmount?: number;
    discountDetails?: Price[];
    cashOnDeliveryAmount?: number;
    otherChargeDetails?: Price[];
    totalOrderAmount?: number;
}

export type OrderDraft = Draft<Order>;

export interface OrderError {
    readonly code: OrderErrorCode;
    readonly message: string;
    readonly status?: number;
    readonly requestId?: string;
    readonly errors?: readonly ApiError[];
    readonly cause?: unknown;
}

export type OrderErrorCode = "invalid_order" | "not_sent" | "aborted" | "deadline" | "invalid_request" | "connection" | "timeout" | "reply_cut" | "reply_garbled" | "missing_in_reply" | "unreadable_in_reply" | "contradictory_reply" | "rejected" | "forbidden" | "refused" | "throttled" | "unavailable" | "server_error" | "not_found" | "method_not_allowed" | "origin_not_allowed" | "client_header" | "content_type" | "idempotency_key" | "unauthorized" | "forbidden_client" | "forbidden_scope" | "not_approved" | "too_large" | "content_digest" | "malformed" | "invalid" | "rate_limited" | "hook_failed" | "internal" | "out_of_time" | "ledger_unavailable" | "in_progress" | "key_reused" | "in_doubt" | "too_many_orders" | "order_conflict" | "outbox_full" | "outbox_unavailable" | "no_such_order" | "not_on_list" | "order_purged" | "order_mismatch" | "calls_unavailable" | "token_unavailable" | "upstream_auth" | "upstream_forbidden" | "upstream_not_found" | "upstream_refused" | "upstream_throttled" | "upstream_unavailable" | "upstream_error" | "upstream_garbled" | "upstream_cut" | "upstream_timeout";

export type OrderInput = string | Uint8Array | Order;

export interface OrderLine {
    lineId?: number;
    sku: string;
    originCountryCode?: string;
    originStateProvince?: string;
    unitPrice?: number;
    orderedQuantity: number;
    lineTotal?: number;
    hSTariffCode?: string;
    hSTariffCodeCountry?: string;
    inventoryType?: string;
    additionalDetails?: unknown;
}

export interface OrderReceipt {
    clientId: string;
    clientOrderId: string;
    orderId?: string;
    status?: string;
}

export interface OrderResult {
    readonly orderIndex: number;
    readonly clientOrderId?: string;
    readonly outcome: Outcome;
    readonly orderId?: string;
    readonly status?: string;
    readonly issues?: readonly Issue[];
    readonly error?: OrderError;
    readonly transactionIds: readonly string[];
    readonly attempts: number;
}

export interface OrderSchema<T> {
    readonly "~standard": {
        readonly version: 1;
        readonly vendor: "pb-fulfillment";
        readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
        readonly types?: {
            readonly input: T;
            readonly output: T;
        };
        readonly jsonSchema: {
            readonly input: (options: {
                readonly target: string;
            }) => Record<string, unknown>;
            readonly output: (options: {
                readonly target: string;
            }) => Record<string, unknown>;
        };
    };
}

export type OrdersInput = string | Uint8Array | BulkOrdersRequest | readonly Order[];

export type OrdersStream = ReadableStream<Uint8Array | ArrayBuffer | string | Order> | AsyncIterable<Uint8Array | ArrayBuffer | string | Order> | (Iterable<Order> & {
    next(): unknown;
});

export type Outcome = "accepted" | "rejected" | "invalid" | "failed" | "unknown";

export type OutcomeCounts = {
    readonly [outcome in Outcome]: number;
};

export interface Price {
    name?: string;
    fee?: number;
    currency?: string;
    percentage?: number;
}

export interface ProblemDetails {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly detail: string;
    readonly code: OrderErrorCode;
    readonly processed: "no" | "unknown";
    readonly retryable: boolean;
    readonly requestId?: string;
    readonly errors?: readonly {
        readonly detail: string;
        readonly pointer: string;
        readonly code?: IssueCode;
    }[];
    readonly upstream?: {
        readonly status: number;
        readonly errors: readonly ApiError[];
    };
}

export type Provenance = "documented" | "sample" | "inferred" | "json" | "package";

export interface Reference {
    name?: string;
    values?: string;
}

export interface ReportPart extends ValidationReport {
    readonly firstOrder: number;
}

export interface RuleOptions {
    readonly severity?: {
        readonly [code in IssueCode]?: Severity | "off";
    };
    readonly messages?: {
        readonly [code in IssueCode]?: Message;
    };
}

export type SchemaResult<T> = {
    readonly value: T;
    readonly issues?: undefined;
} | {
    readonly issues: readonly (Issue | {
        readonly message: string;
    })[];
};

export type Severity = "error" | "warning";

export interface ShippingDetails {
    carrier: string;
    serviceId: string;
    serviceName?: string;
    trackingNumber?: string;
}

export interface SingleOrderSchema extends OrderSchema<Order> {
    readonly loadValidator: () => Promise<Validator>;
    readonly loadBuilder: () => Promise<Builder>;
}

export interface StreamReport extends AsyncIterable<ReportPart>, Pick<Promise<ValidationReport>, "then" | "catch" | "finally"> {
}

export interface StreamSubmission extends AsyncIterable<OrderResult>, Pick<Promise<SubmissionSummary>, "then" | "catch" | "finally"> {
}

export interface Submission {
    readonly submissionId: string;
    readonly results: readonly OrderResult[];
    readonly counts: OutcomeCounts;
}

export type SubmissionEvent = {
    readonly type: "plan";
    readonly submissionId: string;
    readonly firstOrder: number;
    readonly clientOrderIds: readonly (string | null)[];
    readonly batches: number;
} | {
    readonly type: "request";
    readonly batchId: string;
    readonly attempt: number;
    readonly orders: readonly number[];
} | {
    readonly type: "response";
    readonly batchId: string;
    readonly attempt: number;
    readonly status: number;
    readonly durationMs: number;
    readonly requestId?: string;
} | {
    readonly type: "failure";
    readonly batchId: string;
    readonly attempt: number;
    readonly code: OrderErrorCode;
    readonly durationMs: number;
} | {
    readonly type: "retry";
    readonly batchId: string;
    readonly attempt: number;
    readonly code: OrderErrorCode;
    readonly delayMs: number;
};

export interface SubmissionProgress {
    readonly submissionId: string;
    readonly total: number;
    readonly done: number;
    readonly counts: OutcomeCounts;
    readonly batches: {
        readonly total: number;
        readonly done: number;
    };
    readonly results: readonly OrderResult[];
}

export interface SubmissionSummary {
    readonly submissionId: string;
    readonly orderCount: number;
    readonly counts: OutcomeCounts;
}

export interface SubmitOptions extends RuleOptions {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: SubmissionProgress) => void;
    readonly onInvalid?: "stop" | "skip";
    readonly submissionId?: string;
    readonly maxBytes?: number;
}

export interface SubmitStreamOptions extends Omit<SubmitOptions, "onInvalid"> {
    readonly onInvalid: "skip";
    readonly maxBytes?: number;
}

export interface ValidateOptions extends RuleOptions {
    readonly maxIssues?: number;
    readonly maxBytes?: number;
    readonly maxOrders?: number;
}

export interface ValidateStreamOptions extends RuleOptions {
    readonly maxIssues?: number;
    readonly maxBytes?: number;
    readonly warnings?: boolean;
    readonly positions?: boolean;
    readonly signal?: AbortSignal;
}

export interface ValidationReport {
    readonly valid: boolean;
    readonly orderCount: number;
    readonly errorCount: number;
    readonly warningCount: number;
    readonly truncated: boolean;
    readonly issues: readonly Issue[];
}

export interface Validator {
    validateOrders(input: OrdersInput, options?: ValidateOptions): ValidationReport;
    validateOrder(input: OrderInput, options?: ValidateOptions): ValidationReport;
    applyFixes(input: OrdersInput, chosen: ValidationReport | readonly Issue[]): FixedOrders;
    describeField(path: string | readonly (string | number)[]): FieldDescription | undefined;
}

export declare function applyFixes(input: OrdersInput, chosen: ValidationReport | readonly Issue[]): Promise<FixedOrders>;

export declare function batchOrders(input: OrdersInput, options?: BatchOptions): Promise<OrderBatch[]>;

export declare function buildOrder(draft: DraftInput, options?: BuildOptions): Promise<BuiltOrder>;

export declare const bulkOrdersSchema: OrderSchema<BulkOrdersRequest>;

export declare function createTransactionId(): string;

export declare function describeField(path: string | readonly (string | number)[]): Promise<FieldDescription | undefined>;

export declare function isFulfillmentError(value: unknown): value is FulfillmentError;

export declare function loadBuilder(): Promise<Builder>;

export declare function loadValidator(): Promise<Validator>;

export declare const orderSchema: SingleOrderSchema;

export declare function validateOrders(input: OrdersStream, options?: ValidateStreamOptions): StreamReport;

export declare function validateOrders(input: OrdersInput, options?: ValidateOptions): Promise<ValidationReport>;

export declare function validateOrders(input: OrdersInput | OrdersStream, options?: Pick<ValidateOptions, keyof ValidateOptions & keyof ValidateStreamOptions>): Promise<ValidationReport> | StreamReport;

// ---- pb-fulfillment/validate ----

// As in pb-fulfillment: Address, ApiError, BatchOptions, BuildOptions, Builder, BuiltOrder, BulkOrdersRequest, BulkOrdersResponse, ClientOptions, CustomsInfo, DraftInput, DropShipInfo, FaultKind, Fetch, FieldDescription, Fix, FixedOrders, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, Issue, IssueCode, Message, Order, OrderBatch, OrderCharges, OrderDraft, OrderError, OrderErrorCode, OrderInput, OrderLine, OrderReceipt, OrderResult, OrderSchema, OrdersInput, OrdersStream, Outcome, OutcomeCounts, Price, ProblemDetails, Provenance, Reference, ReportPart, RuleOptions, SchemaResult, Severity, ShippingDetails, SingleOrderSchema, StreamReport, StreamSubmission, Submission, SubmissionEvent, SubmissionProgress, SubmissionSummary, SubmitOptions, SubmitStreamOptions, ValidateOptions, ValidateStreamOptions, ValidationReport, Validator, applyFixes, batchOrders, buildOrder, bulkOrdersSchema, describeField, isFulfillmentError, loadBuilder, loadValidator, orderSchema, validateOrders

// ---- pb-fulfillment/streams ----

// As in pb-fulfillment: Address, ApiError, BatchOptions, BuildOptions, Builder, BuiltOrder, BulkOrdersRequest, BulkOrdersResponse, ClientOptions, CustomsInfo, DraftInput, DropShipInfo, FaultKind, Fetch, FieldDescription, Fix, FixedOrders, FulfillmentClient, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, Issue, IssueCode, Message, Order, OrderBatch, OrderCharges, OrderDraft, OrderError, OrderErrorCode, OrderInput, OrderLine, OrderReceipt, OrderResult, OrderSchema, OrdersInput, OrdersStream, Outcome, OutcomeCounts, Price, ProblemDetails, Provenance, Reference, ReportPart, RuleOptions, SchemaResult, Severity, ShippingDetails, SingleOrderSchema, StreamReport, StreamSubmission, Submission, SubmissionEvent, SubmissionProgress, SubmissionSummary, SubmitOptions, SubmitStreamOptions, ValidateOptions, ValidateStreamOptions, ValidationReport, Validator, applyFixes, batchOrders, buildOrder, bulkOrdersSchema, createTransactionId, describeField, isFulfillmentError, loadBuilder, loadValidator, orderSchema, validateOrders

// ---- pb-fulfillment/form ----

export interface BindFormOptions extends RuleOptions {
    readonly defaults?: OrderDraft;
    readonly build?: boolean;
    readonly onReport?: (report: ValidationReport) => void;
    readonly onSubmit?: (submission: FormSubmission) => void | Promise<void>;
    readonly fixLabel?: (issue: Issue) => string;
    readonly signal?: AbortSignal;
}

export interface FormBinding {
    readonly form: HTMLFormElement;
    readonly order: Order;
    readonly json: string;
    readonly report: ValidationReport;
    validate(): ValidationReport;
    reportValidity(): boolean;
    applyFixes(): number;
    unbind(): void;
}

export interface FormSubmission {
    readonly order: Order;
    readonly json: string;
    readonly report: ValidationReport;
    readonly event: SubmitEvent;
}

export declare function bindForm(form: HTMLFormElement, schema: SingleOrderSchema, options?: BindFormOptions): Promise<FormBinding>;

// ---- pb-fulfillment/slim ----

// As in pb-fulfillment: Address, ApiError, BatchOptions, BuildOptions, Builder, BuiltOrder, BulkOrdersRequest, BulkOrdersResponse, ClientOptions, CustomsInfo, DraftInput, DropShipInfo, FaultKind, Fetch, FieldDescription, Fix, FixedOrders, FulfillmentClient, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, Issue, IssueCode, Message, Order, OrderBatch, OrderCharges, OrderDraft, OrderError, OrderErrorCode, OrderInput, OrderLine, OrderReceipt, OrderResult, OrderSchema, OrdersInput, OrdersStream, Outcome, OutcomeCounts, Price, ProblemDetails, Provenance, Reference, ReportPart, RuleOptions, SchemaResult, Severity, ShippingDetails, SingleOrderSchema, StreamReport, StreamSubmission, Submission, SubmissionEvent, SubmissionProgress, SubmissionSummary, SubmitOptions, SubmitStreamOptions, ValidateOptions, ValidateStreamOptions, ValidationReport, Validator, applyFixes, batchOrders, buildOrder, bulkOrdersSchema, createTransactionId, describeField, isFulfillmentError, loadBuilder, loadValidator, orderSchema, validateOrders

export type ProgramSource = (WebAssembly.Module & object) | Response | ArrayBuffer | Uint8Array;

export declare function initialize(source: ProgramSource | Promise<ProgramSource>): Promise<void>;

// ---- pb-fulfillment/inline ----

// As in pb-fulfillment: Address, ApiError, BatchOptions, BuildOptions, Builder, BuiltOrder, BulkOrdersRequest, BulkOrdersResponse, ClientOptions, CustomsInfo, DraftInput, DropShipInfo, FaultKind, Fetch, FieldDescription, Fix, FixedOrders, FulfillmentClient, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, Issue, IssueCode, Message, Order, OrderBatch, OrderCharges, OrderDraft, OrderError, OrderErrorCode, OrderInput, OrderLine, OrderReceipt, OrderResult, OrderSchema, OrdersInput, OrdersStream, Outcome, OutcomeCounts, Price, ProblemDetails, Provenance, Reference, ReportPart, RuleOptions, SchemaResult, Severity, ShippingDetails, SingleOrderSchema, StreamReport, StreamSubmission, Submission, SubmissionEvent, SubmissionProgress, SubmissionSummary, SubmitOptions, SubmitStreamOptions, ValidateOptions, ValidateStreamOptions, ValidationReport, Validator, applyFixes, batchOrders, buildOrder, bulkOrdersSchema, createTransactionId, describeField, isFulfillmentError, loadBuilder, loadValidator, orderSchema, validateOrders

// ---- pb-fulfillment/broker ----

// As in pb-fulfillment: Address, ApiError, BulkOrdersRequest, BulkOrdersResponse, CustomsInfo, DropShipInfo, FaultKind, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, IssueCode, Order, OrderCharges, OrderErrorCode, OrderLine, OrderReceipt, Price, ProblemDetails, Reference, Severity, ShippingDetails, isFulfillmentError

export interface AuditRecord {
    readonly at: number;
    readonly requestId: string;
    readonly subject: string;
    readonly route: string;
    readonly status: number;
    readonly code?: OrderErrorCode;
    readonly outcome: "answered" | "not_processed" | "unknown";
    readonly orders: readonly {
        readonly clientId: string;
        readonly clientOrderId: string;
    }[];
    readonly sent: number;
    readonly replayed: boolean;
    readonly transactionIds: readonly string[];
}

export type Begun = {
    readonly begun: "send";
    readonly claim: number;
    readonly doubt: boolean;
} | ({
    readonly begun: "replay";
    readonly doubt: boolean;
} & Recorded) | {
    readonly begun: "running";
    readonly leaseLeft: number;
} | {
    readonly begun: "in_doubt";
} | {
    readonly begun: "other_bytes";
};

export interface Broker<Env> {
    fetch(request: Request, env: Env, context?: RequestContext): Promise<Response>;
    readonly TokenVault: TokenVaultClass<Env>;
    readonly Ledger: LedgerClass<Env>;
}

export interface BrokerLimits {
    readonly maxBodyBytes?: number;
    readonly maxIssues?: number;
    readonly requestTimeout?: number;
    readonly upstreamTimeout?: number;
    readonly tokenTimeout?: number;
    readonly hookTimeout?: number;
    readonly ledgerTimeout?: number;
    readonly callsPerSecond?: number;
    readonly ledgerKeep?: number;
}

export interface BrokerOptions<Env> {
    readonly credentials: (env: Env) => Credentials | Promise<Credentials>;
    readonly vault?: (env: Env) => VaultNamespace;
    readonly ledger?: (env: Env) => VaultNamespace;
    readonly authorize: (request: Request, env: Env) => Principal | null | Promise<Principal | null>;
    readonly approveOrders: ((principal: Principal, orders: readonly Order[], env: Env) => readonly Disapproval[] | Promise<readonly Disapproval[]>) | null;
    readonly allowedOrigins: readonly string[];
    readonly allowMissingOrigin?: boolean;
    readonly allowCredentials?: boolean;
    readonly allowedHeaders?: readonly string[];
    readonly basePath?: string;
    readonly upstream: "sandbox" | "production" | (string & {}) | ((env: Env) => Fetcher);
    readonly limits?: BrokerLimits;
    readonly rateLimits?: {
        readonly address?: RateLimit<Env> | null;
        readonly subject?: RateLimit<Env> | null;
    };
    readonly severity?: NonNullable<RuleOptions["severity"]>;
    readonly log?: (record: LogRecord) => void;
    readonly audit?: (record: AuditRecord, env: Env) => void | Promise<void>;
    readonly onHookError?: (part: FailedPart, error: unknown) => void;
}

export interface CallLease {
    readonly granted: number;
    readonly good: number;
    readonly wait: number;
}

export interface Credentials {
    readonly apiKey: string;
    readonly apiSecret: string;
}

export interface Disapproval {
    readonly orderIndex: number;
    readonly reason?: string;
}

export type FailedPart = "credentials" | "vault" | "ledger" | "authorize" | "approveOrders" | "rateLimits" | "upstream" | "log" | "audit" | "broker";

export interface Fetcher {
    fetch(request: Request): Response | Promise<Response>;
}

export interface IssuedSession {
    readonly token: string;
    readonly expiresAt: number;
}

export interface Ledger {
    begin(digest: Uint8Array, resend: boolean, keep?: number): Promise<Begun>;
    settle(claim: number, settlement: Settlement): Promise<void>;
    alarm(): Promise<void>;
}

export type LedgerClass<Env> = new (state: VaultState, env: Env) => Ledger;

export interface LogRecord {
    readonly requestId: string;
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly code?: OrderErrorCode;
    readonly failed: string;
    readonly bodyBytes: number;
    readonly orders: number;
    readonly sent: number;
    readonly replayed: boolean;
    readonly transactionIds: readonly string[];
    readonly upstreamStatus?: number;
    readonly upstreamMs: number;
    readonly tokenMs: number;
    readonly durationMs: number;
}

export interface NewSession {
    readonly subject: string;
    readonly clientIds: readonly string[];
    readonly scopes: readonly Scope[];
    readonly origin: string;
}

export interface NonceStore {
    use(text: string, keep: number): boolean | Promise<boolean>;
}

export interface Principal {
    readonly subject: string;
    readonly clientIds: readonly string[];
    readonly scopes: readonly string[];
}

export interface RateLimit<Env> {
    readonly requests?: number;
    readonly period?: number;
    readonly limiter?: (env: Env) => RateLimiter;
}

export interface RateLimiter {
    limit(options: {
        key: string;
    }): Promise<{
        success: boolean;
    }>;
}

export interface Recorded {
    readonly status: number;
    readonly contentType: string;
    readonly transactionIds: readonly string[];
    readonly body: Uint8Array;
}

export interface RequestContext {
    waitUntil(promise: Promise<unknown>): void;
}

export type Scope = "orders:write" | "orders:read" | "dead-letters:write";

export interface SessionOptions<Env> {
    readonly secrets: (env: Env) => readonly SigningSecret[] | Promise<readonly SigningSecret[]>;
    readonly audience?: string;
    readonly ttl?: number;
    readonly clockSkew?: number;
    readonly cookie?: string;
    readonly onRefused?: (reason: SessionRefusal, request: Request) => void;
}

export type SessionRefusal = "missing" | "malformed" | "algorithm" | "type" | "key" | "signature" | "audience" | "expired" | "not_yet_valid" | "long_lived" | "origin" | "claims";

export interface Sessions<Env> {
    issue(session: NewSession, env: Env): Promise<IssuedSession>;
    setCookie(session: IssuedSession, options?: {
        readonly secure?: boolean;
    }): string;
    readonly authorize: (request: Request, env: Env) => Promise<Principal | null>;
}

export type Settlement = ({
    readonly settled: "done";
} & Recorded) | {
    readonly settled: "not_processed" | "repeatable" | "unknown";
};

export type SignatureRefusal = "missing" | "malformed" | "components" | "parameters" | "algorithm" | "tag" | "key" | "expired" | "not_yet_valid" | "digest" | "signature" | "replayed";

export interface SignedRequestOptions<Env> {
    readonly signers: (env: Env) => readonly SignerOptions[] | Promise<readonly SignerOptions[]>;
    readonly nonces: (env: Env) => VaultNamespace | NonceStore;
    readonly maxAge?: number;
    readonly clockSkew?: number;
    readonly onRefused?: (reason: SignatureRefusal, request: Request) => void;
}

export interface SignedRequests<Env> {
    readonly authorize: (request: Request, env: Env) => Promise<Principal | null>;
}

export interface SignerOptions extends SigningSecret, Omit<NewSession, "origin"> {
}

export interface SigningSecret {
    readonly id: string;
    readonly secret: string;
}

export interface TokenVault {
    getToken(rejected?: string): Promise<VaultAnswer>;
    leaseCalls(operation: string, wanted: number, good?: number): Promise<CallLease>;
}

export type TokenVaultClass<Env> = new (state: VaultState, env: Env) => TokenVault;

export type VaultAnswer = {
    readonly token: string;
    readonly expiresAt: number;
} | {
    readonly error: "refused";
    readonly status: number;
    readonly errors: readonly ApiError[];
} | {
    readonly error: "unavailable";
    readonly retryAfter?: number;
};

export interface VaultNamespace {
    idFromName(name: string): object;
    get(id: object): object;
}

export interface VaultState {
    readonly id: {
        toString(): string;
    };
    readonly storage: object;
}

export declare function createBroker<Env = unknown>(options: BrokerOptions<Env>): Broker<Env>;

export declare function createSessions<Env = unknown>(options: SessionOptions<Env>): Sessions<Env>;

export declare function createSignedRequests<Env = unknown>(options: SignedRequestOptions<Env>): SignedRequests<Env>;

// ---- pb-fulfillment/outbox ----

// As in pb-fulfillment: Address, ApiError, BulkOrdersRequest, BulkOrdersResponse, CustomsInfo, DropShipInfo, FaultKind, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, IssueCode, Order, OrderCharges, OrderErrorCode, OrderLine, OrderReceipt, OrdersInput, Price, ProblemDetails, Reference, Severity, ShippingDetails, isFulfillmentError

// As in pb-fulfillment/broker: Credentials, Fetcher, LogRecord, Principal, RequestContext, TokenVault, TokenVaultClass, VaultAnswer, VaultNamespace, VaultState

export interface OrderOutbox<Env> {
    enqueue(env: Env, orders: OrdersInput): Promise<readonly OutboxReceipt[]>;
    status(env: Env, clientId: string, clientOrderId: string): Promise<OutboxOrder | undefined>;
    list(env: Env, list: OutboxList, clientId: string, page?: {
        readonly cursor?: string;
        readonly limit?: number;
    }): Promise<OutboxPage>;
    resend(env: Env, clientId: string, clientOrderId: string, order?: Order | string | Uint8Array): Promise<OutboxOrder>;
    dismiss(env: Env, clientId: string, clientOrderId: string): Promise<OutboxOrder>;
    fetch(request: Request, env: Env, context?: RequestContext): Promise<Response>;
    readonly Outbox: OutboxClass<Env>;
    readonly TokenVault: TokenVaultClass<Env>;
}

export interface OrderOutcome {
    readonly id: string;
    readonly clientId: string;
    readonly clientOrderId: string;
    readonly number: number;
    readonly outcome: Exclude<OutboxState, "pending" | "sending">;
    readonly endedAt: number;
    readonly orderId?: string;
    readonly status?: string;
    readonly code?: OutboxCode;
    readonly errors?: readonly ApiError[];
    readonly transactionIds: readonly string[];
    readonly attempts: number;
}

export type OutboxClass<Env> = new (state: VaultState, env: Env) => OutboxObject;

export type OutboxCode = "rejected" | "missing_in_reply" | "unreadable_in_reply" | "contradictory_reply" | "interrupted" | "given_up" | "upstream_changed" | (string & {});

export interface OutboxLetter extends OutboxOrder {
    readonly order?: Order;
}

export interface OutboxLimits {
    readonly maxBodyBytes?: number;
    readonly maxIssues?: number;
    readonly maxOrders?: number;
    readonly maxPending?: number;
    readonly concurrency?: number;
    readonly callsPerTurn?: number;
    readonly outcomesPerTurn?: number;
    readonly callsPerSecond?: number;
    readonly upstreamTimeout?: number;
    readonly tokenTimeout?: number;
    readonly leaseTimeout?: number;
    readonly hookTimeout?: number;
    readonly outcomeTimeout?: number;
}

export type OutboxList = "dead-letters" | "unknown";

export interface OutboxObject {
    ask(errand: object): Promise<{
        status: number;
        headers: [
            string,
            string
        ][];
        body: Uint8Array;
    }>;
    alarm(): Promise<void>;
}

export interface OutboxOptions<Env> {
    readonly outbox: (env: Env) => VaultNamespace;
    readonly vault: (env: Env) => VaultNamespace;
    readonly credentials: (env: Env) => Credentials | Promise<Credentials>;
    readonly upstream: "sandbox" | "production" | (string & {}) | ((env: Env) => Fetcher);
    readonly authorize?: (request: Request, env: Env) => Principal | null | Promise<Principal | null>;
    readonly basePath?: string;
    readonly severity?: NonNullable<RuleOptions["severity"]>;
    readonly onAmbiguous?: "report" | "resend";
    readonly delay?: number;
    readonly giveUpAfter?: number;
    readonly purgeAfter?: number;
    readonly forgetAfter?: number;
    readonly shards?: number;
    readonly limits?: OutboxLimits;
    readonly onOutcome?: (outcome: OrderOutcome, env: Env) => void | Promise<void>;
    readonly queue?: (env: Env) => OutcomeQueue;
    readonly log?: (record: LogRecord) => void;
    readonly onHookError?: (part: OutboxPart, error: unknown) => void;
}

export interface OutboxOrder {
    readonly clientId: string;
    readonly clientOrderId: string;
    readonly number: number;
    readonly state: OutboxState;
    readonly storedAt: number;
    readonly endedAt?: number;
    readonly orderId?: string;
    readonly status?: string;
    readonly code?: OutboxCode;
    readonly detail?: string;
    readonly errors?: readonly ApiError[];
    readonly transactionIds: readonly string[];
    readonly attempts: number;
    readonly digest: string;
    readonly purged: boolean;
    readonly listed: boolean;
}

export interface OutboxPage {
    readonly orders: readonly OutboxLetter[];
    readonly next?: string;
}

export type OutboxPart = "credentials" | "vault" | "outbox" | "authorize" | "upstream" | "onOutcome" | "queue" | "log";

export interface OutboxReceipt {
    readonly clientId: string;
    readonly clientOrderId: string;
    readonly number: number;
    readonly state: OutboxState;
    readonly storedAt: number;
    readonly repeated: boolean;
}

export type OutboxState = "pending" | "sending" | "accepted" | "rejected" | "dead" | "unknown";

export interface OutcomeQueue {
    sendBatch(messages: Iterable<{
        body: OrderOutcome;
        contentType: "json";
    }>): Promise<unknown>;
}

export declare function createOutbox<Env = unknown>(options: OutboxOptions<Env>): OrderOutbox<Env>;

// ---- pb-fulfillment/emulator ----

// As in pb-fulfillment: Address, BulkOrdersRequest, BulkOrdersResponse, CustomsInfo, DropShipInfo, FaultKind, FulfillmentError, FulfillmentErrorCode, FulfillmentErrorDetails, IssueCode, Order, OrderCharges, OrderErrorCode, OrderLine, OrderReceipt, Price, Reference, ShippingDetails, isFulfillmentError

export interface Emulator {
    fetch(request: Request): Promise<Response>;
    orders(): Promise<StoredOrder[]>;
    clearOrders(): Promise<void>;
    faults(): Promise<FaultPlan>;
    setFaults(plan: FaultPlan): Promise<void>;
}

export interface EmulatorOptions {
    readonly credentials?: {
        readonly apiKey: string;
        readonly apiSecret: string;
    };
    readonly duplicates?: "update" | "create";
    readonly faults?: FaultPlan;
    readonly seed?: number;
    readonly now?: () => number | Date;
    readonly tokenLifetime?: number;
}

export interface Fault {
    readonly fault: FaultKind;
    readonly on?: "orders" | "token" | "any";
    readonly latencyMs?: number;
    readonly retryAfter?: string | null;
    readonly clientOrderIds?: readonly string[];
    readonly every?: number;
}

export interface FaultPlan {
    readonly script?: readonly (FaultKind | Fault)[];
    readonly random?: {
        readonly seed?: number;
        readonly probability?: number;
        readonly faults?: readonly (FaultKind | Fault)[];
    } | null;
}

export interface StoredOrder {
    readonly orderId: string;
    readonly clientId: string;
    readonly clientOrderId: string;
    readonly transactionId: string;
    readonly receivedMs: number;
    readonly revisions: number;
    readonly order: Order;
}

export declare function createEmulator(options?: EmulatorOptions): Emulator;

// ---- pb-fulfillment/core.wasm ----

declare const module: WebAssembly.Module;

// ---- pb-fulfillment/server.wasm ----

// As in pb-fulfillment/core.wasm: default

// ---- pb-fulfillment/check.wasm ----

// As in pb-fulfillment/core.wasm: default

// ---- pb-fulfillment/build.wasm ----

// As in pb-fulfillment/core.wasm: default

// ---- pb-fulfillment/send.wasm ----

// As in pb-fulfillment/core.wasm: default

// ---- pb-fulfillment/streams.wasm ----

// As in pb-fulfillment/core.wasm: default

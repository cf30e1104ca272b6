export interface IssueReport {
  readonly valid: boolean;
}
export interface ProblemDetails {
  readonly code: string;
}

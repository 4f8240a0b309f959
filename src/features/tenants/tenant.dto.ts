export interface TenantView {
  readonly id: string;
  /** Short name, unique, used to choose the tenant at login. */
  readonly slug: string;
  readonly name: string;
}

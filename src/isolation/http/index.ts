// HTTP: where a tenant enters, and what leaves.
// Without it: a header or a body field names the tenant, a route is forgotten by its guard, a shared
// cache keeps an answer. Guarantee: every route needs a verified token of a living session unless it
// declares @Public with a reason; the token alone chooses the tenant; answers are private, no-store, their ETags MACs.
// Proof: test/isolation/http
export { AccessTokens } from './access-token.js';
export { Linkable, MinimumRole, Public } from './access.decorators.js';
export { registerEntityTags } from './entity-tags.js';
export { HttpModule } from './http.module.js';
export { LinkTokens, type Link } from './link-token.js';
export { RefreshTokens } from './refresh-token.js';
export { registerRequestScope } from './request-scope.js';

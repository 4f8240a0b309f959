import { createHash, createHmac, createSecretKey } from 'node:crypto';

/** Proofs that are remembered, a few hundred bytes each: docs/adr/0020. */
export const mostRemembered = 1000;

/**
 * Makes the proof that app_private.current_tenant() checks: HMAC-SHA-256 of the tenant's UUID, hex.
 * A proof depends on nothing but its tenant, so the last ones are remembered: every statement needs one.
 * @param secret TENANT_PROOF_KEY; the HMAC key is its SHA-256, as scripts/database/migrate.ts stores it
 */
export function tenantProver(secret: string): (tenantId: string) => string {
  // A key object: with the key as bytes each HMAC would take five times as long.
  const key = createSecretKey(createHash('sha256').update(secret).digest());
  const proofs = new Map<string, string>();
  return (tenantId) => {
    const known = proofs.get(tenantId);
    if (known !== undefined) return known;
    const proof = createHmac('sha256', key).update(tenantId).digest('hex');
    if (proofs.size >= mostRemembered) proofs.clear();
    proofs.set(tenantId, proof);
    return proof;
  };
}

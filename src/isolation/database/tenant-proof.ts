import { createHash, createHmac } from 'node:crypto';

/** How many tenants' proofs are kept: about 150 bytes each. */
const keptProofs = 10_000;

/**
 * Makes the proof that app_private.current_tenant() checks: HMAC-SHA-256 of the tenant's UUID, hex.
 * @param secret TENANT_PROOF_KEY; the HMAC key is its SHA-256, as scripts/database/migrate.ts stores it
 */
export function tenantProver(secret: string): (tenantId: string) => string {
  const key = createHash('sha256').update(secret).digest();
  const proofs = new Map<string, string>();
  return (tenantId) => {
    let proof = proofs.get(tenantId);
    if (proof === undefined) {
      proof = createHmac('sha256', key).update(tenantId).digest('hex');
      if (proofs.size >= keptProofs) proofs.clear();
      proofs.set(tenantId, proof);
    }
    return proof;
  };
}

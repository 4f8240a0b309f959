import type pg from 'pg';
import type { PrismaClient } from '../../../src/generated/prisma/client.js';

export function closing(client: PrismaClient, pool: pg.Pool): () => Promise<void> {
  return async () => {
    await client.$disconnect();
    await pool.end();
  };
}

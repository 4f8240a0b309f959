import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase } from '../../isolation/database/index.js';
import { TenantStorage, type StoredObject } from '../../isolation/storage/index.js';
import type { FileView, ListFiles } from './file.dto.js';

const view = {
  number: true,
  projectNumber: true,
  name: true,
  contentType: true,
  size: true,
  sha256: true,
  createdBy: true,
  createdAt: true,
} as const;

@Injectable()
export class FilesRepository {
  constructor(
    private readonly database: TenantDatabase,
    private readonly storage: TenantStorage,
    private readonly context: TenantContext,
  ) {}

  /** Oldest first; one more than the limit, if there are more. */
  list(projectNumber: number, { limit, cursor }: ListFiles): Promise<FileView[]> {
    const { tenantId } = this.context;
    const number = cursor === undefined ? undefined : { gt: cursor };
    return this.database.file.findMany({
      where: { tenantId, projectNumber, number },
      orderBy: { number: 'asc' },
      take: limit + 1,
      select: view,
    });
  }

  find(projectNumber: number, number: number): Promise<FileView | null> {
    const { tenantId } = this.context;
    return this.database.file.findFirst({ where: { tenantId, projectNumber, number }, select: view });
  }

  findObject(projectNumber: number, number: number) {
    const { tenantId } = this.context;
    const select = { name: true, contentType: true, size: true, sha256: true, objectId: true };
    return this.database.file.findFirst({ where: { tenantId, projectNumber, number }, select });
  }

  create(projectNumber: number, name: string, stored: StoredObject): Promise<FileView> {
    const data = { ...stored, projectNumber, name, createdBy: this.context.userId };
    return this.database.$transaction(async (transaction) => {
      await this.storage.claim(transaction, stored.objectId);
      return transaction.file.create({ data, select: view });
    });
  }

  /** @returns the object, which is unclaimed from then on */
  async delete(projectNumber: number, number: number): Promise<string> {
    const where = { tenantId_number: { tenantId: this.context.tenantId, number }, projectNumber };
    const { objectId } = await this.database.file.delete({ where, select: { objectId: true } });
    return objectId;
  }
}

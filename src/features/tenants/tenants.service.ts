import { Injectable } from '@nestjs/common';
import { notFound } from '../../common/errors.js';
import { TenantContext } from '../../isolation/context/index.js';
import { TenantDatabase } from '../../isolation/database/index.js';
import type { TenantView } from './tenant.dto.js';

@Injectable()
export class TenantsService {
  constructor(
    private readonly database: TenantDatabase,
    private readonly context: TenantContext,
  ) {}

  async current(): Promise<TenantView> {
    const tenant = await this.database.tenant.findFirst({
      where: { id: this.context.tenantId },
      select: { id: true, slug: true, name: true },
    });
    if (!tenant) throw notFound();
    return tenant;
  }
}

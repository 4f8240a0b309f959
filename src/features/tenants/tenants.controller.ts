import { Controller, Get } from '@nestjs/common';
import { TenantsService } from './tenants.service.js';

@Controller('api/tenant')
export class TenantsController {
  constructor(private readonly tenants: TenantsService) {}

  @Get()
  current() {
    return this.tenants.current();
  }
}

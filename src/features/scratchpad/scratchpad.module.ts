import { Module } from '@nestjs/common';
import { ScratchpadController } from './scratchpad.controller.js';

@Module({ controllers: [ScratchpadController] })
export class ScratchpadModule {}

// MEMORY: conversations, kept in Redis between requests, and the prompts made of them.
// Without it: a thread id is all it takes to read on in somebody else's conversation, and a prompt mixes two owners.
// Guarantee: keys are built here only, from tenant and user of the context; each item carries its owner and key
// under a MAC, checked on read; a prompt with a part of anyone else is refused.
// Proof: test/isolation/memory
export { ConversationMemory, type Remembered, type Thread } from './conversation-memory.js';
export { memoryEntries, type Exchange } from './memory-entries.js';
export { MemoryModule } from './memory.module.js';
export { PromptBuilder, type Owner, type Prompt, type PromptPart } from './prompt.js';

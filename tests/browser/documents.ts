import assert from 'node:assert/strict';
import { type BrowserContext } from 'playwright-core';
import { parse } from 'yaml';
import { type Target } from './target';

/** The documents of the data source, changed as that user may: somebody else, as seen from a page. */
export interface Documents {
  /** Writes a document, over one of its name too; the catalog has it when this comes back. */
  put: (text: string) => Promise<void>;
  read: (kind: string, name: string) => Promise<string>;
  /** Takes a document out, when it is there. */
  remove: (kind: string, name: string) => Promise<void>;
}

export async function documentsOf(context: BrowserContext, at: Target): Promise<Documents> {
  const root = `/api/datasources/uid/${await at.datasource()}/resources/documents`;
  const get = (kind: string, name: string) => context.request.get(`${root}/${kind}/${name}`);
  const known = async (kind: string, name: string) => {
    const found = await get(kind, name);
    return found.ok() ? { 'If-Match': found.headers().etag } : undefined;
  };
  return {
    put: async (text) => {
      const { kind, metadata } = parse(text) as { kind: string; metadata: { name: string } };
      const condition = (await known(kind, metadata.name)) ?? { 'If-None-Match': '*' };
      const answer = await context.request.put(`${root}/${kind}/${metadata.name}`, {
        data: text,
        headers: { 'Content-Type': 'application/yaml', ...condition },
      });
      assert.ok(answer.ok(), `write ${kind} ${metadata.name}: ${answer.status()} ${await answer.text()}`);
    },
    read: async (kind, name) => (await get(kind, name)).text(),
    remove: async (kind, name) => {
      const condition = await known(kind, name);
      if (condition) {
        const answer = await context.request.delete(`${root}/${kind}/${name}`, { headers: condition });
        assert.ok(answer.ok(), `delete ${kind} ${name}: ${answer.status()} ${await answer.text()}`);
      }
    },
  };
}

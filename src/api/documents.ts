import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { callResource, type ResourceError, segment } from './client';
import { useDataSource } from './DataSource';
import {
  type Change,
  type DocumentEntry,
  type Draft,
  type DraftRequest,
  type ExclusionDraft,
  type ExclusionForm,
  type Preview,
  type Validation,
} from './types';
import { resourceKey } from './useResource';

/** Which document: its kind, such as Agreement, and its name. */
export interface DocumentId {
  kind: string;
  name: string;
}

const pathOf = ({ kind, name }: DocumentId) => `documents/${segment(kind)}/${segment(name)}`;

/** The resource of a document, or without a name of the template of its kind, as the editor needs it. */
export const editorPath = ({ kind, name }: { kind: string; name?: string }) =>
  `editor/${segment(kind)}${name === undefined ? '' : `/${segment(name)}`}`;

const yaml = { 'Content-Type': 'application/yaml' };

/**
 * Writes a document: over the one with `hash`, or without it as a new one.
 * Refused with 412 when it is not what was read, 409 where nobody can write,
 * 422 when it has errors or causes some.
 */
export function writeDocument(uid: string, id: DocumentId, text: string, hash?: string): Promise<DocumentEntry> {
  const condition: Record<string, string> = hash ? { 'If-Match': `"${hash}"` } : { 'If-None-Match': '*' };
  return callResource(uid, pathOf(id), { method: 'PUT', data: text, headers: { ...yaml, ...condition } });
}

/** Writes several new documents, all or none; refused as {@link writeDocument} is. */
export const createDocuments = (uid: string, documents: Draft['documents']): Promise<void> =>
  callResource(uid, 'documents', { method: 'POST', data: { documents } });

/** Deletes the document with `hash`; refused as {@link writeDocument} is. */
export const deleteDocument = (uid: string, id: DocumentId, hash: string): Promise<void> =>
  callResource(uid, pathOf(id), { method: 'DELETE', headers: { 'If-Match': `"${hash}"` } });

/** What the backend says of what is typed. While a newer one is asked about, the last answer stays. */
export interface Answer<T> {
  value?: T;
  /** Whether the value is of what is typed now. */
  current: boolean;
  waiting: boolean;
  /** Why there is no answer; it is asked again by itself where nobody answered. */
  error?: ResourceError;
  reload: () => void;
}

/** What is wrong with a text, and which documents it is; undefined asks nothing. */
export const useValidation = (text: string | undefined) => useAnswer<Validation>('validate', text, 400);

/** What a text would do to the figures; undefined asks nothing. For those who may propose. */
export const usePreview = (text: string | undefined) => useAnswer<Preview>('preview', text, 600);

const useForm = <T>(resource: string, form: object | undefined) =>
  useAnswer<T>(resource, form && JSON.stringify(form), 400, true);

/** The documents of the form of a new agreement; undefined asks nothing. */
export const useDraft = (request: DraftRequest | undefined) => useForm<Draft>('draft', request);

/** The document of the form of an exclusion. */
export const useExclusionDraft = (form: ExclusionForm) => useForm<ExclusionDraft>('pages/exclusions/draft', form);

/** The file of a document as it is and as it would be with a text; nothing is written. */
export const useDiff = ({ kind, name }: DocumentId, text: string) =>
  useAnswer<Change>(`change/${segment(kind)}/${segment(name)}`, text, 400);

/** Asks about a text once nothing was typed for that long. */
function useAnswer<T>(resource: string, text: string | undefined, milliseconds: number, json = false): Answer<T> {
  const { uid } = useDataSource();
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), milliseconds);
    return () => clearTimeout(timer);
  }, [text, milliseconds]);
  const asked = settled?.trim() ? settled : undefined;
  const { data, error, failureReason, isFetching, refetch } = useQuery<{ of: string; value: T }, ResourceError>({
    queryKey: resourceKey(uid, resource, asked),
    queryFn: async ({ signal }) => {
      const sent = json ? { data: JSON.parse(asked!) as object } : { data: asked, headers: yaml };
      return { of: asked!, value: await callResource<T>(uid, resource, { method: 'POST', signal, ...sent }) };
    },
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: (_, { status }) => status === 0 || status >= 500,
    retryDelay: 5000,
  });
  const failed = asked === text ? (error ?? failureReason ?? undefined) : undefined;
  return {
    value: data?.value,
    current: text !== undefined && data?.of === text,
    waiting: !failed && Boolean(text?.trim()) && (isFetching || asked !== text),
    error: failed,
    reload: () => void refetch(),
  };
}

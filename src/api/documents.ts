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

/** The kind of a document, such as Agreement, and its name. */
export interface DocumentId {
  kind: string;
  name: string;
}

const pathOf = ({ kind, name }: DocumentId) => `documents/${segment(kind)}/${segment(name)}`;

/** The resource of the editor for a document, or without a name for the template of the kind. */
export const editorPath = ({ kind, name }: { kind: string; name?: string }) =>
  `editor/${segment(kind)}${name === undefined ? '' : `/${segment(name)}`}`;

const yaml = { 'Content-Type': 'application/yaml' };

/**
 * Replaces the document with `hash`, or without it creates a new one. Refused
 * with 412 if it has changed, 409 if nobody can write, 422 if the text has or
 * causes errors.
 */
export function writeDocument(uid: string, id: DocumentId, text: string, hash?: string): Promise<DocumentEntry> {
  const condition: Record<string, string> = hash ? { 'If-Match': `"${hash}"` } : { 'If-None-Match': '*' };
  return callResource(uid, pathOf(id), { method: 'PUT', data: text, headers: { ...yaml, ...condition } });
}

/** Creates several documents, all or none; refused like {@link writeDocument}. */
export const createDocuments = (uid: string, documents: Draft['documents']): Promise<void> =>
  callResource(uid, 'documents', { method: 'POST', data: { documents } });

/** Deletes the document with `hash`; refused like {@link writeDocument}. */
export const deleteDocument = (uid: string, id: DocumentId, hash: string): Promise<void> =>
  callResource(uid, pathOf(id), { method: 'DELETE', headers: { 'If-Match': `"${hash}"` } });

/** The backend's answer about a typed text. It stays until that for a newer text arrives. */
export interface Answer<T> {
  value?: T;
  /** Whether the value is for the current text. */
  current: boolean;
  waiting: boolean;
  /** Why there is no answer; requests without a response or with status 5xx are retried. */
  error?: ResourceError;
  reload: () => void;
}

/** The problems of a text and its documents; undefined sends no request. */
export const useValidation = (text: string | undefined) => useAnswer<Validation>('validate', text, 400);

/** The effect of a text on the figures, for users who may propose; undefined sends no request. */
export const usePreview = (text: string | undefined) => useAnswer<Preview>('preview', text, 600);

const useForm = <T>(resource: string, form: object | undefined) =>
  useAnswer<T>(resource, form && JSON.stringify(form), 400, true);

/** The documents of the form of a new agreement; undefined sends no request. */
export const useDraft = (request: DraftRequest | undefined) => useForm<Draft>('draft', request);

/** The document of the form of an exclusion. */
export const useExclusionDraft = (form: ExclusionForm) => useForm<ExclusionDraft>('pages/exclusions/draft', form);

/** The change that a text would make to the file of a document; nothing is written. */
export const useDiff = ({ kind, name }: DocumentId, text: string) =>
  useAnswer<Change>(`change/${segment(kind)}/${segment(name)}`, text, 400);

/** Sends a text after that long without typing. */
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

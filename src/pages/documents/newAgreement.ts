import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { callResource, getResource, type Params, type ResourceError } from '../../api/client';
import { useDataSource } from '../../api/DataSource';
import { type Draft, type DraftRequest, type Offers } from '../../api/types';
import { resourceKey } from '../../api/useResource';

/** How long nothing was typed before the backend is asked about it. */
const settledMilliseconds = 400;

/** The documents of a form, or of a panel's query, as they would be written. */
export async function readDraft(uid: string, request: DraftRequest, signal?: AbortSignal): Promise<Draft> {
  return (await callResource<Draft>(uid, 'draft', { method: 'POST', data: request, signal })).data;
}

/** The draft of what is typed, once it stays as it is for a moment; the one before is shown meanwhile. */
export function useDraft(request: DraftRequest, enabled = true) {
  const { uid } = useDataSource();
  const typed = JSON.stringify(request);
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), settledMilliseconds);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery<Draft, ResourceError>({
    queryKey: resourceKey(uid, 'draft', settled),
    queryFn: ({ signal }) => readDraft(uid, JSON.parse(settled) as DraftRequest, signal),
    placeholderData: keepPreviousData,
    enabled,
  });
  const updating = typed !== settled || isFetching || isPlaceholderData;
  return { draft: data, error: error ?? undefined, updating, reload: () => void refetch() };
}

/** Asks for what a field may be filled with; nothing where it cannot be known, since anything can be typed. */
export function useOffers(): (params: Params) => Promise<Offers> {
  const { uid } = useDataSource();
  return (params) => getResource<Offers>(uid, 'offers', params).catch(() => ({ offers: [], suggested: [] }));
}

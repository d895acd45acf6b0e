import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { type DocumentList } from '../../api/types';
import { AgreementFields, beginAgreement, finishAgreement } from './AgreementFields';
import { TextField } from './fields';
import { type FormKind, nameFrom } from './newDocument';
/** What a part of the form is given. */
export interface PartProps<T> {
  value: T;
  onChange: (change: Partial<T>) => void;
  /** What is missing or wrong, by field; only once it was to be used. */
  errors: Errors;
  /** The names there are to choose from, by kind. */
  names: (kind: string) => string[];
}

/** A complaint by the name of the field. */
export type Errors = Record<string, string>;

/** What a form comes to: its text, or what keeps it from one. */
export type Finished = { text: string } | { errors: Errors };

interface Props {
  kind: FormKind;
  list: DocumentList;
  onText: (text: string) => void;
}

/** A small form to begin a document with. What it does not ask for is written in the text. */
export function Form({ kind, list, onText }: Props) {
  const names = (of: string) => list.rows.filter((one) => one.kind === of).map(({ name }) => name);
  return (
    <FormOf
      names={names}
      onText={onText}
      kind={kind}
      begin={beginAgreement}
      Fields={AgreementFields}
      finish={finishAgreement}
    />
  );
}

interface Named {
  name: string;
  displayName: string;
}

interface FormOfProps<T extends Named> {
  kind: FormKind;
  names: (kind: string) => string[];
  begin: (search: URLSearchParams) => T;
  Fields: (props: PartProps<T>) => ReactNode;
  finish: (value: T) => Finished;
  onText: (text: string) => void;
}

function FormOf<T extends Named>({ kind, names, begin, Fields, finish, onText }: FormOfProps<T>) {
  const styles = useStyles2(getStyles);
  const [search] = useSearchParams();
  const [value, setValue] = useState(() => begin(search));
  const [tried, setTried] = useState(false);
  // Follows the title until somebody types a name.
  const [ownName, setOwnName] = useState(false);
  const name = ownName ? value.name : nameFrom(value.displayName);
  const complete = { ...value, name };
  const taken = names(kind).includes(name);
  const outcome = finish(complete);
  const errors: Errors = {
    ...('errors' in outcome ? outcome.errors : {}),
    ...(name !== nameFrom(name) || !name ? { name: 'A name has lower case letters, digits and hyphens' } : {}),
    ...(taken ? { name: `There is a ${kind} of that name` } : {}),
  };
  const shown = tried ? errors : {};

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (Object.keys(errors).length === 0 && 'text' in outcome) {
      onText(outcome.text);
    }
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <TextField
        label={'Title'}
        description={'How people call it.'}
        value={value.displayName}
        onChange={(displayName) => setValue({ ...value, displayName })}
      />
      <TextField
        label={'Name'}
        description={'How documents refer to it: lower case letters, digits and hyphens.'}
        value={name}
        error={shown.name}
        onChange={(typed) => {
          setOwnName(true);
          setValue({ ...value, name: typed });
        }}
      />
      <Fields value={complete} onChange={(change) => setValue({ ...value, ...change })} errors={shown} names={names} />
      <div>
        <Button type="submit" icon="arrow-right">
          {'Go on with the text'}
        </Button>
      </div>
      {tried && Object.keys(errors).length > 0 && (
        <p role="alert">{'Something is missing; it stands beside the fields.'}</p>
      )}
    </form>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    form: css({ display: 'grid', gap: theme.spacing(2), maxWidth: 640 }),
  };
}

import { cache } from '@emotion/css';
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';
import { TextDecoder, TextEncoder } from 'node:util';

// With many tests in parallel, rendering a page can take seconds.
configure({ asyncUtilTimeout: 20_000 });

// Tests here check no styles, and jsdom would match each rule with each element. The browser tests check them.
cache.sheet.insert = () => {};

// Browser APIs that Grafana's components need and jsdom does not have.
Object.assign(globalThis, { TextDecoder, TextEncoder });

// Long lists render only what fits, and in jsdom all sizes are 0.
const size = { x: 0, y: 0, top: 0, left: 0, right: 400, bottom: 400, width: 400, height: 400 };
Element.prototype.getBoundingClientRect = () => ({ ...size, toJSON: () => '' });
for (const length of ['offsetHeight', 'offsetWidth', 'clientHeight', 'clientWidth']) {
  Object.defineProperty(HTMLElement.prototype, length, { configurable: true, value: 400 });
}

globalThis.ResizeObserver = class {
  constructor(private readonly callback: ResizeObserverCallback) {}
  observe(target: Element) {
    const box = [{ inlineSize: size.width, blockSize: size.height }];
    const entry = {
      target,
      contentRect: size,
      borderBoxSize: box,
      contentBoxSize: box,
      devicePixelContentBoxSize: box,
    };
    this.callback([entry as unknown as ResizeObserverEntry], this);
  }
  unobserve() {}
  disconnect() {}
};

globalThis.IntersectionObserver ??= class {
  root = null;
  rootMargin = '';
  scrollMargin = '';
  thresholds = [];
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
};

window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
    onchange: null,
    dispatchEvent: () => false,
  }) satisfies MediaQueryList;

HTMLCanvasElement.prototype.getContext = (() => ({
  measureText: (text: string) => ({ width: 8 * text.length }),
})) as unknown as typeof HTMLCanvasElement.prototype.getContext;

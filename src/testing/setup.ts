import { cache } from '@emotion/css';
import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';
import { TextDecoder, TextEncoder } from 'node:util';

// Where many tests run at once a page takes seconds to be drawn, which is no finding.
configure({ asyncUtilTimeout: 20_000 });

// No test here looks at a style, and jsdom compares each rule with each element: the browser tests do.
cache.sheet.insert = () => {};

// What Grafana's components need of a browser, and jsdom has not.
Object.assign(globalThis, { TextDecoder, TextEncoder });

// Long lists show what fits, and in jsdom everything has the size 0.
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

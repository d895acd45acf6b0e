export default {
  testEnvironment: 'jest-environment-jsdom',
  testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}'],
  setupFilesAfterEnv: ['<rootDir>/src/testing/setup.ts'],
  // More than what one wait may take: see the setup.
  testTimeout: 60_000,
  transform: {
    '\\.[mc]?[jt]sx?$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2022',
        },
      },
    ],
  },
  // Grafana's packages are ES modules, and so are many that they need.
  transformIgnorePatterns: [],
  moduleNameMapper: {
    '\\.(css|scss|svg|png)$': '<rootDir>/src/testing/asset.ts',
    // Fetches icons, which no test looks at.
    '^react-inlinesvg$': '<rootDir>/src/testing/icon.tsx',
  },
};

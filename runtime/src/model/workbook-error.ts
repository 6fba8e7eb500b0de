/**
 * The one vocabulary of errors: a stable code, what was expected, what was found, what to do.
 * Everything a person may see goes wrong through this class; its message is one sentence or two.
 */
export class WorkbookError extends Error {
  readonly code: string
  readonly expected: string
  readonly found: string
  readonly remedy: string

  constructor(parts: { code: string; expected: string; found: string; remedy: string; cause?: unknown }) {
    super(`Expected ${parts.expected}, found ${parts.found}. ${parts.remedy}`, { cause: parts.cause })
    this.name = 'WorkbookError'
    this.code = parts.code
    this.expected = parts.expected
    this.found = parts.found
    this.remedy = parts.remedy
  }
}

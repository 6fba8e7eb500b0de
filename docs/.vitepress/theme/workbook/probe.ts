/**
 * Is there a workbook server behind this page, and does it know this browser?
 * A static host must not be asked: its 404 would stand in the console of every visitor. So the server leaves
 * a cookie that scripts can read on each page it serves, and only a page that finds it asks `/healthz`.
 */
import * as v from 'valibot'

const SERVED = 'workbook-server=1'
const Health = v.object({ workbook: v.literal(true), session: v.boolean() })

export type Probe = 'static' | 'refused' | 'welcome' | 'unreachable'

export async function probe(base: string, cookies: string, get: typeof fetch): Promise<Probe> {
  if (!cookies.split('; ').includes(SERVED)) return 'static'
  try {
    const response = await get(`${base}healthz`, { credentials: 'same-origin', cache: 'no-store' })
    if (!response.ok) return response.status >= 500 ? 'unreachable' : 'static'
    const health = v.safeParse(Health, await response.json().catch(() => null))
    if (!health.success) return 'static'
    return health.output.session ? 'welcome' : 'refused'
  } catch {
    return 'unreachable'
  }
}

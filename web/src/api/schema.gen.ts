export interface components {
  schemas: {
    Category: { code: string; zh: string; en: string };
    City: {
      code: string;
      name: string;
      timezone: string;
      bounds: [number, number, number, number] | null;
      boundary_version: { number: number; effective_at: string } | null;
      generated: boolean;
      counts: {
        townships: number;
        communities: number;
        grids: number;
        cases: number;
        staff: number;
      };
      categories: components['schemas']['Category'][];
      occurred: { from: string; to: string } | null;
      open_access: boolean;
      basemap: { kind: 'pmtiles' | 'raster'; url: string } | null;
    };
    CaseGrid: { code: string; name: string; community: string; township: string };
    Case: {
      number: number;
      kind: string;
      state: string;
      urgency: string;
      category: string;
      occurred_at: string;
      received_at: string;
      lng: number;
      lat: number;
      grid: components['schemas']['CaseGrid'] | null;
      reason: string;
      channel: string;
    };
    CasePage: {
      cases: components['schemas']['Case'][];
      next: string | null;
      total: number;
      total_capped: boolean;
    };
    Staff: { code: string; name: string; role: string };
    Report: {
      id: number;
      channel: string;
      external_id: string | null;
      occurred_at: string;
      received_at: string;
      given: { lng: number; lat: number; datum: string; accuracy: number | null };
      lng: number;
      lat: number;
      reason: string;
    };
    CaseDetail: components['schemas']['Case'] & {
      reports: components['schemas']['Report'][];
      staff: components['schemas']['Staff'] | null;
      staff_rule: number | null;
      staff_row: number | null;
      grid_today: string | null;
    };
    Located: {
      point: { lng: number; lat: number };
      grid: {
        code: string;
        name: string;
        kind: string;
        community: string;
        township: string;
      } | null;
      reason: string;
      candidates: string[];
      staff: components['schemas']['Staff'] | null;
      staff_rule: number | null;
      staff_row: number | null;
    };
    GridShape: {
      code: string;
      name: string;
      kind: string;
      community: string;
      community_name: string;
      township: string;
      township_name: string;
      area_m2: number;
      lng: number;
      lat: number;
      bounds: [number, number, number, number];
      geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon;
    };
  };
}

interface Answer<T> {
  200: { headers: { [name: string]: unknown }; content: { 'application/json': T } };
}

interface Get<T, Query = never, Path = never> {
  parameters: { query?: Query; path: Path; header?: never; cookie?: never };
  get: {
    parameters: { query?: Query; path: Path; header?: never; cookie?: never };
    requestBody?: never;
    responses: Answer<T>;
  };
}

export interface paths {
  '/api/city': {
    parameters: { query?: never; path?: never; header?: never; cookie?: never };
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never };
      requestBody?: never;
      responses: Answer<components['schemas']['City']>;
    };
  };
  '/api/cases': {
    parameters: { query?: never; path?: never; header?: never; cookie?: never };
    get: {
      parameters: {
        query?: {
          bbox?: string;
          state?: string;
          category?: string;
          from?: string;
          to?: string;
          cursor?: string;
          limit?: number;
        };
        path?: never;
        header?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: Answer<components['schemas']['CasePage']>;
    };
  };
  '/api/cases/{number}': Get<components['schemas']['CaseDetail'], never, { number: number }>;
  '/api/grids/{code}': Get<components['schemas']['GridShape'], never, { code: string }>;
  '/api/locate': {
    parameters: { query?: never; path?: never; header?: never; cookie?: never };
    get: {
      parameters: {
        query: { lng: number; lat: number; datum?: string; accuracy?: number; as_of?: string };
        path?: never;
        header?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: Answer<components['schemas']['Located']>;
    };
  };
}

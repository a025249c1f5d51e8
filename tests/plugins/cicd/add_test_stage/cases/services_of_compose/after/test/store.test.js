import { pool } from '../src/store.js';

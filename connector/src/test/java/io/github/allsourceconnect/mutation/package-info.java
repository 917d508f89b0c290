/** Mutations of the deciding code, and whether tests and simulator notice them. */
package io.github.allsourceconnect.mutation;

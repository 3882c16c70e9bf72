// Asks the daemon for the names in the caller's project.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/arguments.h"
#include "cli/daemon_connection.h"
#include "nopo/v1/project.pb.h"

namespace nopo {

// True where there may be a project: asking elsewhere is not worth starting a daemon for.
bool MayHaveProject(const Arguments& arguments);

// Starts a daemon when there is none.
//
// Errors: the project's.
absl::StatusOr<v1::DescribeProjectResponse> DescribeProject(const Arguments& arguments,
                                                            DaemonConnection& daemon);

// The same for who cannot wait: a daemon of whatever version will do, and is left as it is.
//
// Errors: the project's; DEADLINE_EXCEEDED after `limit` from the call on.
absl::StatusOr<v1::DescribeProjectResponse> DescribeProjectWithin(absl::Duration limit,
                                                                  const Arguments& arguments,
                                                                  DaemonConnection& daemon);

}  // namespace nopo

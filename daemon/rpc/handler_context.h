// What the handlers of all calls share.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "daemon/operations/operation_pool.h"
#include "daemon/operations/workspace.h"
#include "daemon/rpc/operation_index.h"

namespace nopo {

// Outlives the server.
struct HandlerContext {
  const Workspace& workspace;
  OperationPool& pool;
  OperationIndex& operations;
  absl::Time started_at;
  std::string log_file;
  // Begins the daemon's end; returns at once. Running operations are cancelled.
  std::function<void()> stop;
  // The same, but running operations may end by themselves first.
  std::function<void()> retire;
};

}  // namespace nopo

// What the daemon knows of itself.
#pragma once

#include "daemon/operations/get_status.h"
#include "daemon/rpc/handler_context.h"

namespace nopo {

DaemonFacts ReadDaemonFacts(const HandlerContext& context);

}  // namespace nopo

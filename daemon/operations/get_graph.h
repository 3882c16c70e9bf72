// `nopo graph`: how targets depend on each other. Needs no engine.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/events/event_sink.h"
#include "daemon/operations/caller.h"
#include "daemon/operations/workspace.h"
#include "daemon/project/target_selection.h"

namespace nopo {

enum class GraphFormat { kDot, kMermaid, kJson };

struct GraphOptions {
  Caller caller;
  TargetSelection selection;
  GraphFormat format = GraphFormat::kDot;
};

absl::StatusOr<std::string> GetGraph(const Workspace& workspace, const GraphOptions& options,
                                     EventSink& events);

// Why one target depends on another.
struct GraphEdge {
  std::string from, to;
  std::string kind;     // "service", "build", "start" or "command".
  std::string command;  // "command": the top-level command whose own dependencies these are.
};

// The edges among `targets`, those of one target in the order of its nopo.yml.
std::vector<GraphEdge> EdgesAmong(const std::vector<const Target*>& targets);

// As text that ends with a line's end. The keys of the JSON are an API:
// {"nodes": [{"name", "type"}], "edges": [{"from", "to", "kind", "command"?}]}
std::string RenderGraph(const Project& project, const std::vector<const Target*>& targets,
                        GraphFormat format);

}  // namespace nopo

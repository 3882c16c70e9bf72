#include "daemon/operations/get_graph.h"

#include <boost/json.hpp>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status_macros.h"
#include "daemon/project/target_fields.h"

namespace nopo {
namespace {

// How a kind of edge is drawn.
struct EdgeStyle {
  absl::string_view dot;
  absl::string_view mermaid;
};

EdgeStyle StyleOf(const GraphEdge& edge) {
  if (edge.kind == "build") return {"style=dashed", "-.->"};
  if (edge.kind == "start") return {"style=bold", "==>"};
  if (edge.kind == "command") return {"style=dotted", "-.->"};
  return {"style=solid", "-->"};
}

// "test" for a command's edge, else the kind; the usual one goes without words.
absl::string_view LabelOf(const GraphEdge& edge) {
  if (edge.kind == "service") return "";
  return edge.kind == "command" ? edge.command : edge.kind;
}

std::string DotQuoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

std::string RenderDot(const Project& project, const std::vector<const Target*>& targets,
                      const std::vector<GraphEdge>& edges) {
  std::string text = absl::StrCat("digraph ", DotQuoted(project.name), " {\n  rankdir=LR;\n");
  for (const Target* target : targets) {
    const absl::string_view shape = target->kind == TargetKind::kService ? "box" : "ellipse";
    absl::StrAppend(&text, "  ", DotQuoted(target->id), " [shape=", shape, "];\n");
  }
  for (const GraphEdge& edge : edges) {
    absl::StrAppend(&text, "  ", DotQuoted(edge.from), " -> ", DotQuoted(edge.to), " [",
                    StyleOf(edge).dot);
    if (!LabelOf(edge).empty()) absl::StrAppend(&text, ", label=", DotQuoted(LabelOf(edge)));
    absl::StrAppend(&text, "];\n");
  }
  return absl::StrCat(text, "}\n");
}

std::string MermaidQuoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "#quot;"}}), "\"");
}

// Nodes are numbered: words such as "end" are no names to Mermaid.
std::string RenderMermaid(const std::vector<const Target*>& targets,
                          const std::vector<GraphEdge>& edges) {
  std::string text = "graph LR\n";
  std::map<std::string, std::string> nodes;
  for (const Target* target : targets) {
    const std::string node = absl::StrCat("n", nodes.size() + 1);
    nodes[target->id] = node;
    const bool is_service = target->kind == TargetKind::kService;
    absl::StrAppend(&text, "  ", node, is_service ? "[" : "(", MermaidQuoted(target->id),
                    is_service ? "]" : ")", "\n");
  }
  for (const GraphEdge& edge : edges) {
    absl::StrAppend(&text, "  ", nodes[edge.from], " ", StyleOf(edge).mermaid);
    if (!LabelOf(edge).empty()) absl::StrAppend(&text, "|", MermaidQuoted(LabelOf(edge)), "|");
    absl::StrAppend(&text, " ", nodes[edge.to], "\n");
  }
  return text;
}

std::string RenderJson(const std::vector<const Target*>& targets,
                       const std::vector<GraphEdge>& edges) {
  boost::json::array json_nodes, json_edges;
  for (const Target* target : targets) {
    json_nodes.push_back(
        boost::json::object{{"name", target->id}, {"type", std::string(TypeName(*target))}});
  }
  for (const GraphEdge& edge : edges) {
    boost::json::object json{{"from", edge.from}, {"to", edge.to}, {"kind", edge.kind}};
    if (!edge.command.empty()) json["command"] = edge.command;
    json_edges.push_back(std::move(json));
  }
  return absl::StrCat(
      boost::json::serialize(boost::json::object{{"nodes", json_nodes}, {"edges", json_edges}}),
      "\n");
}

}  // namespace

std::vector<GraphEdge> EdgesAmong(const std::vector<const Target*>& targets) {
  std::set<std::string> shown;
  for (const Target* target : targets) shown.insert(target->id);
  std::vector<GraphEdge> edges;
  for (const Target* target : targets) {
    const auto add = [&](const auto& dependencies, const char* kind, const std::string& command) {
      for (const auto& dependency : dependencies) {
        if (!shown.contains(dependency.target)) continue;
        edges.push_back({target->id, dependency.target, kind, command});
      }
    };
    add(target->dependencies, "service", "");
    if (target->build.has_value()) add(target->build->depends_on, "build", "");
    add(target->infrastructure.depends_on, "start", "");
    for (const Command& command : target->commands) {
      if (command.dependencies.has_value()) add(*command.dependencies, "command", command.name);
    }
  }
  return edges;
}

std::string RenderGraph(const Project& project, const std::vector<const Target*>& targets,
                        GraphFormat format) {
  const std::vector<GraphEdge> edges = EdgesAmong(targets);
  switch (format) {
    case GraphFormat::kDot:
      return RenderDot(project, targets, edges);
    case GraphFormat::kMermaid:
      return RenderMermaid(targets, edges);
    case GraphFormat::kJson:
      return RenderJson(targets, edges);
  }
  return "";
}

absl::StatusOr<std::string> GetGraph(const Workspace& workspace, const GraphOptions& options,
                                     EventSink& events) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectTargets(*opened.project, options.selection));
  return RenderGraph(*opened.project, targets, options.format);
}

}  // namespace nopo

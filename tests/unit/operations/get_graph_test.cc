#include "daemon/operations/get_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/commands/sample_project.h"

namespace nopo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class GraphTest : public testing::Test {
 protected:
  // web depends on lib in every way there is.
  GraphTest() {
    Target web = AService("web", {DependingOn(Runs("test", "x"), {"lib:build"})}, {"lib"});
    web.build = BuildSettings{.depends_on = DependenciesOn({"lib"})};
    web.infrastructure.depends_on.push_back({.target = "db"});
    project_ = ProjectWith({APackage("lib", {}), web, AService("db", {})});
    for (const Target& target : project_.targets) targets_.push_back(&target);
  }
  // "web -> lib (test)"
  std::vector<std::string> Edges() const {
    std::vector<std::string> lines;
    for (const GraphEdge& edge : EdgesAmong(targets_)) {
      lines.push_back(absl::StrCat(edge.from, " -> ", edge.to, " (", edge.kind,
                                   edge.command.empty() ? "" : " " + edge.command, ")"));
    }
    return lines;
  }

  Project project_;
  std::vector<const Target*> targets_;
};

TEST_F(GraphTest, HasAnEdgeForEachKindOfDependency) {
  EXPECT_THAT(Edges(), ElementsAre("web -> lib (service)", "web -> lib (build)",
                                   "web -> db (start)", "web -> lib (command test)"));
}

TEST_F(GraphTest, LeavesOutEdgesToTargetsThatAreNotSelected) {
  targets_ = {project_.FindTarget("web"), project_.FindTarget("db")};
  EXPECT_THAT(Edges(), ElementsAre("web -> db (start)"));
  targets_ = {project_.FindTarget("web")};
  EXPECT_THAT(Edges(), IsEmpty());
}

TEST_F(GraphTest, IsTextForGraphviz) {
  EXPECT_EQ(RenderGraph(project_, targets_, GraphFormat::kDot),
            "digraph \"Shop\" {\n"
            "  rankdir=LR;\n"
            "  \"db\" [shape=box];\n"
            "  \"lib\" [shape=ellipse];\n"
            "  \"web\" [shape=box];\n"
            "  \"web\" -> \"lib\" [style=solid];\n"
            "  \"web\" -> \"lib\" [style=dashed, label=\"build\"];\n"
            "  \"web\" -> \"db\" [style=bold, label=\"start\"];\n"
            "  \"web\" -> \"lib\" [style=dotted, label=\"test\"];\n"
            "}\n");
}

TEST_F(GraphTest, QuotesNamesForGraphviz) {
  project_.name = "The \"Shop\"";
  EXPECT_THAT(RenderGraph(project_, {}, GraphFormat::kDot),
              HasSubstr("digraph \"The \\\"Shop\\\"\" {"));
}

TEST_F(GraphTest, IsTextForMermaid) {
  EXPECT_EQ(RenderGraph(project_, targets_, GraphFormat::kMermaid),
            "graph LR\n"
            "  n1[\"db\"]\n"
            "  n2(\"lib\")\n"
            "  n3[\"web\"]\n"
            "  n3 --> n2\n"
            "  n3 -.->|\"build\"| n2\n"
            "  n3 ==>|\"start\"| n1\n"
            "  n3 -.->|\"test\"| n2\n");
}

TEST_F(GraphTest, IsJsonWithTheKindOfEachEdge) {
  EXPECT_EQ(RenderGraph(project_, targets_, GraphFormat::kJson),
            R"({"nodes":[{"name":"db","type":"service"},{"name":"lib","type":"package"},)"
            R"({"name":"web","type":"service"}],)"
            R"("edges":[{"from":"web","to":"lib","kind":"service"},)"
            R"({"from":"web","to":"lib","kind":"build"},)"
            R"({"from":"web","to":"db","kind":"start"},)"
            R"({"from":"web","to":"lib","kind":"command","command":"test"}]})"
            "\n");
}

}  // namespace
}  // namespace nopo

// The shapes in oneTBB's flow graph: continue_nodes, values beside them.
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

using tbb::flow::continue_msg;
using tbb::flow::continue_node;
using Node = continue_node<continue_msg>;
using Clock = std::chrono::steady_clock;

static uint64_t leaf(uint64_t i) {
    uint64_t x = i * 0x9e3779b97f4a7c15ull;
    return (x << 23) | (x >> 41);
}
static uint64_t step(uint64_t x) { return x * 0x5851f42d4c957f2dull + 1; }
static uint64_t pair(uint64_t a, uint64_t b) { return a * 3 + b; }
static double seconds(Clock::time_point a, Clock::time_point b) {
    return std::chrono::duration<double>(b - a).count();
}

// shape: 0 fan, 1 chain, 2 tree, 3 wave; times: construct, execute, free
extern "C" uint64_t taskweave_bench_tbb(int shape, uint32_t n, int threads, double* times) {
    tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
    auto start = Clock::now();
    auto graph = std::make_unique<tbb::flow::graph>();
    auto nodes = std::make_unique<std::deque<Node>>();
    size_t count = shape == 0 ? size_t(n) + 1 : shape == 1 ? n : shape == 2 ? 2 * size_t(n) - 1 : size_t(n) * n;
    std::vector<uint64_t> values(count);
    uint64_t* v = values.data();
    std::vector<Node*> roots;
    auto add = [&](auto body) -> Node* {
        nodes->emplace_back(*graph, [body](const continue_msg&) { body(); });
        return &nodes->back();
    };
    if (shape == 0) {
        Node* join = nullptr;
        nodes->emplace_back(*graph, [v, n](const continue_msg&) {
            uint64_t sum = 0;
            for (uint32_t i = 0; i < n; i++) sum = sum * 31 + v[i];
            v[n] = sum;
        });
        join = &nodes->back();
        for (uint32_t i = 0; i < n; i++) {
            Node* node = add([v, i] { v[i] = leaf(i); });
            roots.push_back(node);
            tbb::flow::make_edge(*node, *join);
        }
    } else if (shape == 1) {
        Node* before = add([v] { v[0] = leaf(0); });
        roots.push_back(before);
        for (uint32_t i = 1; i < n; i++) {
            Node* node = add([v, i] { v[i] = step(v[i - 1]); });
            tbb::flow::make_edge(*before, *node);
            before = node;
        }
    } else if (shape == 2) {
        std::vector<Node*> level;
        for (uint32_t i = 0; i < n; i++) {
            level.push_back(add([v, i] { v[i] = leaf(i); }));
            roots.push_back(level.back());
        }
        size_t from = 0, to = n;
        while (level.size() > 1) {
            std::vector<Node*> next;
            for (size_t i = 0; i + 1 < level.size(); i += 2) {
                size_t a = from + i, at = to + i / 2;
                Node* node = add([v, a, at] { v[at] = pair(v[a], v[a + 1]); });
                tbb::flow::make_edge(*level[i], *node);
                tbb::flow::make_edge(*level[i + 1], *node);
                next.push_back(node);
            }
            from = to;
            to += next.size();
            level.swap(next);
        }
    } else {
        std::vector<Node*> row(n, nullptr);
        for (size_t i = 0; i < n; i++) {
            Node* left = nullptr;
            for (size_t j = 0; j < n; j++) {
                size_t at = i * n + j;
                Node* node = add([v, i, j, n, at] {
                    uint64_t a = j ? v[at - 1] : leaf(i);
                    uint64_t b = i ? v[at - n] : 0;
                    v[at] = pair(a, b);
                });
                if (left) tbb::flow::make_edge(*left, *node);
                if (row[j]) tbb::flow::make_edge(*row[j], *node);
                if (!left && !row[j]) roots.push_back(node);
                row[j] = node;
                left = node;
            }
        }
    }
    auto built = Clock::now();
    for (Node* root : roots) root->try_put(continue_msg());
    graph->wait_for_all();
    uint64_t value = v[count - 1];
    if (shape == 0) value = v[n];
    auto done = Clock::now();
    nodes.reset();
    graph.reset();
    auto freed = Clock::now();
    times[0] = seconds(start, built);
    times[1] = seconds(built, done);
    times[2] = seconds(done, freed);
    return value;
}
